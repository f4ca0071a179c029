//! Which streams an event is in.

use crate::support::{is_recorded, is_stale, names::*};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "opened")]
struct Opened;

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "closed")]
struct Closed;

/// An aggregate with some events.
macro_rules! aggregate {
    ($name:ident $category:literal $($listed:tt)*) => {
        #[derive(Debug, Default, Aggregate)]
        #[aggregate(name = $category, id = u64, error = std::convert::Infallible, $($listed)*)]
        struct $name;

        impl<E> Apply<E> for $name {
            fn apply(&mut self, _: &E) {}
        }
    };
}
aggregate!(A "a" events(Opened, Closed));
aggregate!(WithoutOpened "a" events(Closed));
aggregate!(Retiring "a" events(Closed), retired("opened", from = Opened, into = |_| []));
aggregate!(Renamed "renamed_a" events(Opened, Closed));
aggregate!(B "b" events(Opened));
aggregate!(Both "b" events(Opened, Closed));

#[test]
fn an_event_that_leaves_one_of_its_aggregates_is_missed_there() {
    is_stale::<(A, B), (WithoutOpened, B)>("category a: `opened` is in its streams");
}

#[test]
fn an_aggregate_under_another_name_leaves_its_streams() {
    is_stale::<(A, B), (Renamed, B)>("`renamed_a` is new");
}

#[test]
fn an_aggregate_that_is_left_out_leaves_its_streams() {
    is_stale::<(A, B), A>("category b: there are streams of it");
}

#[test]
fn an_event_that_is_retired_in_one_of_its_aggregates_has_not_left() {
    crate::support::passes::<(A, B), (Retiring, B)>();
}

#[test]
fn an_event_that_comes_to_an_aggregate_is_recorded_there() {
    is_recorded::<(A, B), (A, Both)>(&["category b: + closed"]);
}

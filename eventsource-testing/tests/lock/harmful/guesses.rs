//! What a field that is gone may be called today: a guess is said as one.

use eventsource_testing::lock::LockError;

use crate::support::{Locked, names::*};

/// An aggregate with one event.
macro_rules! stored {
    ($module:ident $($field:ident)*) => {
        mod $module {
            use super::*;

            #[derive(Debug, Serialize, Deserialize, Event)]
            #[event(name = "e")]
            pub(super) struct E { $($field: u64),* }

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = "subject", id = u64, error = std::convert::Infallible, events(E))]
            pub(super) struct State;

            impl<E> Apply<E> for State {
                fn apply(&mut self, _: &E) {}
            }
        }
    };
}
stored!(two gross net);
stored!(other_two after_tax before_tax);
stored!(one gross after_tax);

#[test]
fn of_two_new_fields_both_are_named() {
    let error = Locked::of::<two::State>().check::<other_two::State>(false);
    let error = error.expect_err("they are gone");
    assert!(matches!(error, LockError::Broken { .. }));
    let words = error.to_string();
    for part in [
        "had(gross: u64, before = 2)",
        "had(net: u64, before = 2)",
        "`after_tax` and `before_tax` are new and of the same type",
    ] {
        assert!(words.contains(part), "{words}");
    }
    assert!(
        !words.contains("`#[event(was(gross, before = 2))]` on `"),
        "{words}"
    );
}

#[test]
fn beside_one_new_field_the_other_way_is_named() {
    let error = Locked::of::<two::State>().check::<one::State>(false);
    let words = error.expect_err("it is gone").to_string();
    assert!(
        words.contains("`#[event(was(net, before = 2))]` on `after_tax`"),
        "{words}"
    );
    assert!(
        words.contains("only where `after_tax` is what `net` was"),
        "{words}"
    );
    assert!(words.contains("had(net: u64, before = 2)"), "{words}");
}

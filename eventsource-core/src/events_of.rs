//! Which stored names a type of event can lie under: what a filter by type asks a store for.

use crate::{
    aggregate::{Aggregate, AggregateEvent},
    event::{Event, EventSchema, StoredName},
    events::Lists,
    text::EventName,
};

/// One event that the aggregate `A` lists, or a tuple of them: by which reads and subscriptions are filtered.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event of the aggregate `{A}`, nor a tuple of its events",
    label = "not events of `{A}`",
    note = "name events of `#[aggregate(events(..))]` on `{A}`: one, or a tuple of up to 12"
)]
pub trait EventsOf<A: Aggregate> {
    /// Every stored name under which such an event can lie.
    #[doc(hidden)]
    fn stored_names() -> Vec<EventName>;
}

impl<A: Lists<E>, E: Event> EventsOf<A> for E {
    fn stored_names() -> Vec<EventName> {
        let mut names: Vec<_> = known(E::NAMES).collect();
        let table = <A::Event as AggregateEvent>::TABLE;
        // What becomes of a retired event, a function says: it can be any event of the list.
        for retired in table.iter().filter(|event| event.retired) {
            names.extend(known(retired.names));
        }
        names
    }
}

macro_rules! tuples {
    ($($($event:ident)*;)*) => {$(
        impl<A: Aggregate, $($event: EventsOf<A>),*> EventsOf<A> for ($($event,)*) {
            fn stored_names() -> Vec<EventName> {
                let mut names = Vec::new();
                $(names.extend($event::stored_names());)*
                names
            }
        }
    )*};
}
tuples! {
    E1; E1 E2; E1 E2 E3; E1 E2 E3 E4; E1 E2 E3 E4 E5; E1 E2 E3 E4 E5 E6; E1 E2 E3 E4 E5 E6 E7;
    E1 E2 E3 E4 E5 E6 E7 E8; E1 E2 E3 E4 E5 E6 E7 E8 E9; E1 E2 E3 E4 E5 E6 E7 E8 E9 E10;
    E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11; E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 E12;
}

fn known(names: &'static [StoredName]) -> impl Iterator<Item = EventName> {
    names.iter().filter_map(|stored| {
        let schema = EventSchema {
            name: stored.name,
            version: stored.last,
        };
        // Nothing can be stored under a name that cannot be.
        EventName::of(schema).ok()
    })
}

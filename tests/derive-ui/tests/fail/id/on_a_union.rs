use eventsource_core::prelude::*;

impl std::fmt::Debug for AccountId {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl PartialEq for AccountId {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for AccountId {}

#[derive(Clone, Copy, AggregateId)]
union AccountId {
    number: u64,
}

fn main() {
    names_a_stream::<AccountId>();
}

fn names_a_stream<I: AggregateId>() {}

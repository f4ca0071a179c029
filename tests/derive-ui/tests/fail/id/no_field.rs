use eventsource_core::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct AccountId;

fn main() {
    names_a_stream::<AccountId>();
}

fn names_a_stream<I: AggregateId>() {}

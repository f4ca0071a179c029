use eventsource_core::prelude::*;

#[derive(Debug, PartialEq, Eq, AggregateId)]
struct AccountId(u64);

fn main() {
    names_a_stream::<AccountId>();
}

fn names_a_stream<I: AggregateId>() {}

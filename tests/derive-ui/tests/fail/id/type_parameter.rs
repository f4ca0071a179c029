use eventsource_core::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct AccountId<T>(T);

fn main() {
    names_a_stream::<AccountId<u64>>();
}

fn names_a_stream<I: AggregateId>() {}

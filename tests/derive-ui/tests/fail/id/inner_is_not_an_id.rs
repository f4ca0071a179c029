use eventsource_core::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Number(u64);

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct AccountId(Number);

fn main() {
    names_a_stream::<AccountId>();
}

fn names_a_stream<I: AggregateId>() {}

use eventsource_core::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
#[aggregate_id(crate = my_app::es)]
struct AccountId(u64);

fn main() {
    names_a_stream::<AccountId>();
}

fn names_a_stream<I: AggregateId>() {}

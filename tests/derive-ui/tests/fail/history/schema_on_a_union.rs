use eventsource_core::Schema;

#[derive(Clone, Copy, Schema)]
union Address {
    street: u64,
}

fn main() {
    held::<Address>();
}

fn held<S: Schema>() {}

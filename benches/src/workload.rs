//! The events of the standard workload. Every program that is measured replays these, in its own types.

/// Which streams are replayed in one turn.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// How many.
    pub streams: usize,
    /// How many events each of them has.
    pub events: usize,
}

/// What a system looks like, and what a projection or an audit meets at the worst.
pub const SHAPES: [(&str, Shape); 2] = [
    (
        "p1",
        Shape {
            streams: 100,
            events: 1_000,
        },
    ),
    (
        "p1-long",
        Shape {
            streams: 1,
            events: 100_000,
        },
    ),
];

/// One event, in nobody's types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An account was opened by somebody, with money in it.
    Opened(String, i64),
    /// Money came in, for a reason.
    Deposited(i64, String),
    /// Money went out, for a reason.
    Withdrawn(i64, String),
}

/// The event at a place of a stream: the account is opened, then money comes and goes.
///
/// # Panics
///
/// Never: the amount is small.
pub fn fact(stream: usize, at: usize) -> Fact {
    let amount = i64::try_from(1 + at % 100).expect("a number below 101");
    let description = format!("payment reference {stream:03}{at:05}");
    match at {
        0 => Fact::Opened(format!("owner-{stream:06}"), 1_000_000),
        at if at % 2 == 0 => Fact::Deposited(amount, description),
        _ => Fact::Withdrawn(amount, description),
    }
}

/// The first events of one stream.
pub fn stream(stream: usize, events: usize) -> impl Iterator<Item = Fact> {
    (0..events).map(move |at| fact(stream, at))
}

/// What is in an account after the first events of a stream.
pub fn balance(number: usize, events: usize) -> i64 {
    stream(number, events)
        .map(|fact| match fact {
            Fact::Opened(_, amount) | Fact::Deposited(amount, _) => amount,
            Fact::Withdrawn(amount, _) => -amount,
        })
        .sum()
}

//! The events of the standard workload. Every program that is measured replays these, in its own types.

/// How many streams are replayed in one turn.
pub const STREAMS: usize = 100;
/// How many events each of them has.
pub const EVENTS: usize = 1_000;

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
pub fn fact(stream: usize, at: usize) -> Fact {
    let amount = i64::try_from(1 + at % 100).expect("a number below 101");
    let description = format!("payment reference {stream:04}{at:04}");
    match at {
        0 => Fact::Opened(format!("owner-{stream:06}"), 1_000_000),
        at if at % 2 == 0 => Fact::Deposited(amount, description),
        _ => Fact::Withdrawn(amount, description),
    }
}

/// The events of one stream.
pub fn stream(stream: usize) -> impl Iterator<Item = Fact> {
    (0..EVENTS).map(move |at| fact(stream, at))
}

/// What is in an account after all events of a stream.
pub fn balance(number: usize) -> i64 {
    stream(number)
        .map(|fact| match fact {
            Fact::Opened(_, amount) | Fact::Deposited(amount, _) => amount,
            Fact::Withdrawn(amount, _) => -amount,
        })
        .sum()
}

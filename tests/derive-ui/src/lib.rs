//! What the derives write is clean under lints that few crates turn on, in a library, where `missing_docs` looks.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::nursery,
    clippy::pedantic
)]

use eventsource_core::{Table, prelude::*};
use serde::{Deserialize, Serialize};

/// The number of an account.
#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
pub struct AccountId(u64);

/// An account was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub struct Opened {
    /// Who opened it.
    pub owner: String,
}

/// Events of another place.
pub mod money {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    /// Money came in.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
    #[event(name = "account.deposited", version = 1)]
    pub struct Deposited(pub i64);

    /// The account was audited, with much to say about it.
    #[derive(Serialize, Deserialize, Event)]
    #[event(name = "account.audited")]
    pub struct Audited {
        /// So much that the variants of the enum differ in size.
        pub pages: [[u64; 8]; 16],
    }

    // Only so that this crate's own types are all `Debug`.
    impl core::fmt::Debug for Audited {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("Audited")
        }
    }
}

/// Events and values that were others before.
pub mod history {
    use eventsource_core::{Event, Past, Schema, Shape};
    use serde::{Deserialize, Serialize};

    /// A kind that only this module knows.
    #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
    enum Kind {
        #[default]
        Plain,
    }

    /// What version 1 stored.
    #[derive(Debug, Deserialize)]
    pub struct MovedV1 {
        line: String,
    }

    /// A place.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
    #[event(version = 2, had(Nowhere, before = 2, with = || Place::Town { name: String::new() }))]
    pub enum Place {
        /// In a town.
        Town {
            /// Its name.
            #[event(was(title: Box<str>, before = 2, with = Into::into))]
            name: String,
        },
        /// Elsewhere.
        #[event(since = 2)]
        Elsewhere(u8),
    }

    /// Someone moved.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
    #[event(name = "customer.moved", version = 4, v1 = MovedV1, was("moved", before = 3))]
    #[event(had(kind: Kind, since = 3, before = 4), had(private: u8, before = 3))]
    pub struct Moved {
        /// Where to.
        #[event(nested = 2, was(_: Option<Past<Place, 1>>, before = 3))]
        pub to: Option<Place>,
        /// Why.
        #[event(since = 3, with = |old| old.private.to_string())]
        why: String,
        /// How often.
        #[event(was(_: u32, before = 4, try_with = |times| u8::try_from(times)))]
        times: u8,
        #[event(since = 4, default = Kind::Plain)]
        sort: Kind,
    }

    impl From<MovedV1> for Shape<Moved, 2> {
        fn from(old: MovedV1) -> Self {
            Self {
                to: None,
                private: 0,
                times: u32::from(old.line.is_empty()),
            }
        }
    }

    /// Nothing is left of it.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
    #[event(name = "customer.left", version = 3, had(why: String, since = 2, before = 3))]
    pub struct Left;
}

/// An account that is there from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Aggregate, Snapshot)]
#[snapshot(version = 2)]
#[aggregate(
    name = "account",
    id = AccountId,
    error = std::convert::Infallible,
    events(Opened, money::Deposited, money::Audited)
)]
pub struct Account {
    cents: i64,
    homes: Vec<history::Place>,
    #[snapshot(opaque)]
    last: Option<Opened>,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.cents = 0;
    }
}

impl Apply<money::Deposited> for Account {
    fn apply(&mut self, event: &money::Deposited) {
        self.cents += event.0;
    }
}

impl Apply<money::Audited> for Account {
    fn apply(&mut self, _: &money::Audited) {}
}

/// An account that an event creates, in a private enum with derives of its own.
#[derive(Debug, Clone, PartialEq, Eq, Aggregate)]
#[aggregate(
    name = "closed_account",
    id = AccountId,
    error = std::convert::Infallible,
    created_by = Opened,
    events(Opened, money::Deposited),
    event_enum = ClosedFact,
    event_derives(Clone, PartialEq, Eq)
)]
enum Closed {
    Empty,
    Owing(i64),
}

impl Create<Opened> for Closed {
    fn create(_: &Opened) -> Self {
        Self::Empty
    }
}

impl Apply<money::Deposited> for Closed {
    fn apply(&mut self, event: &money::Deposited) {
        let owed = match self {
            Self::Empty => 0,
            Self::Owing(cents) => *cents,
        };
        *self = Self::Owing(owed - event.0);
    }
}

/// What a closed account owes after its events.
#[must_use]
pub fn owed(events: &[i64]) -> Option<i64> {
    let mut closed = Closed::initial();
    let opened = Opened {
        owner: String::new(),
    };
    let all: Events<Closed> = (
        opened,
        events
            .iter()
            .map(|cents| money::Deposited(*cents))
            .collect::<Vec<_>>(),
    )
        .into();
    for event in all {
        Closed::fold(&mut closed, &event).ok()?;
    }
    match closed? {
        Closed::Empty => None,
        Closed::Owing(cents) => Some(cents),
    }
}

/// What all accounts hold together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Projection)]
#[projection(
    name = "total",
    version = 1,
    from(Account, Closed),
    events(Opened, money::Deposited),
    ignores(money::Audited)
)]
pub struct Total {
    accounts: u64,
    cents: i64,
}

impl Project<Opened> for Total {
    fn project(&mut self, _: &Opened, _: &Envelope<'_>) {
        self.accounts += 1;
    }
}

impl Project<money::Deposited> for Total {
    fn project(&mut self, event: &money::Deposited, _: &Envelope<'_>) {
        self.cents += event.0;
    }
}

/// Of one event of one aggregate, in transactions.
#[derive(Debug, Projection)]
#[projection(
    name = "owners",
    version = 1,
    from(Account),
    events(Opened),
    ignores(..),
    transaction = Vec<String>
)]
pub struct Owners;

impl ReadModel for Owners {
    const TABLES: &'static [Table] = &[Table::new("owners", "owner TEXT")];
}

impl ProjectIn<Vec<String>, Opened> for Owners {
    fn project(
        &self,
        event: &Opened,
        _: &Envelope<'_>,
        tx: &mut Vec<String>,
    ) -> Result<(), HandlerError> {
        tx.push(event.owner.clone());
        Ok(())
    }
}

/// Delivered to at least once.
#[derive(Debug, Projection)]
#[projection(
    name = "search",
    version = 1,
    from(Account),
    events(Opened),
    ignores(..),
    at_least_once
)]
pub enum Search {
    /// Nowhere.
    Nothing,
}

impl ProjectAsync<Opened> for Search {
    async fn project(&self, _: &Opened, _: &Envelope<'_>) -> Result<(), HandlerError> {
        core::future::ready(Ok(())).await
    }
}

/// A side effect.
#[derive(Debug, Reaction)]
#[reaction(name = "greeter", from(Closed), events(Opened), ignores(..))]
pub struct Greeter;

impl React<Opened> for Greeter {
    async fn react(&self, _: &Opened, _: &Envelope<'_>, _: ReactionId) -> Result<(), HandlerError> {
        core::future::ready(Ok(())).await
    }
}

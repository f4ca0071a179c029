//! An account whose events have a past, and a stream of it that holds all of that past.

use eventsource_core::{
    Append, EventId, EventName, IdSource, NewEvent, Repository, Snapshot, StoredPayload, UuidV7,
    prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened {
    pub(crate) owner: String,
}

/// Called `deposit.made` in version 1, when it had whole units; without a currency in version 2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(
    name = "account.deposited",
    version = 3,
    was("deposit.made", before = 2)
)]
pub(crate) struct Deposited {
    #[event(was(units: i64, before = 2, try_with = |units| units.checked_mul(100).ok_or("too much")))]
    pub(crate) cents: i64,
    #[event(since = 3, default = "CZK".to_owned())]
    pub(crate) currency: String,
}

pub(crate) mod legacy {
    use super::*;

    /// Was split into opening and deposit.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.opened_funded")]
    pub(crate) struct OpenedFunded {
        owner: String,
        cents: i64,
    }

    pub(crate) fn split(old: OpenedFunded) -> [AccountEvent; 2] {
        let deposited = Deposited {
            cents: old.cents,
            currency: "CZK".to_owned(),
        };
        [Opened { owner: old.owner }.into(), deposited.into()]
    }

    /// Was dropped.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "account.viewed")]
    pub(crate) struct Viewed;

    /// Was renamed before it was retired: `accounts.merged` in version 1.
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(
        name = "account.merged",
        version = 2,
        was("accounts.merged", before = 2)
    )]
    pub(crate) struct Merged {
        #[event(was(one: i64, before = 2, with = |one| vec![one]))]
        pub(crate) all: Vec<i64>,
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, Deposited),
    retired("account.opened_funded", from = legacy::OpenedFunded, into = legacy::split),
    retired("account.viewed", from = legacy::Viewed, into = |_| []),
    retired("account.merged", from = legacy::Merged, into = |old| -> Vec<AccountEvent> {
        old.all.into_iter().map(|cents| Deposited { cents, currency: "EUR".to_owned() }.into()).collect()
    }),
    event_derives(Clone, PartialEq),
)]
pub(crate) struct Account {
    pub(crate) owner: String,
    pub(crate) deposits: Vec<(i64, String)>,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, event: &Opened) {
        self.owner.clone_from(&event.owner);
    }
}

impl Apply<Deposited> for Account {
    fn apply(&mut self, event: &Deposited) {
        self.deposits.push((event.cents, event.currency.clone()));
    }
}

pub(crate) struct Deposit(pub(crate) i64);

impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        Ok(deposited(command.0, "CZK").into())
    }
}

impl HandleNew<Deposit> for Account {
    fn handle(command: &Deposit) -> Decision<Self> {
        Ok(deposited(command.0, "CZK").into())
    }
}

pub(crate) fn deposited(cents: i64, currency: &str) -> AccountEvent {
    let currency = currency.to_owned();
    Deposited { cents, currency }.into()
}

/// What lies in the store: stored name, schema version, payload.
pub(crate) type Row<'a> = (&'a str, u32, &'a str);

/// A stored stream with every past form, and the parts of each of its events.
pub(crate) fn past() -> Vec<(Row<'static>, Vec<AccountEvent>)> {
    let opened = AccountEvent::from(Opened {
        owner: "ann".to_owned(),
    });
    vec![
        (("account.viewed", 1, "null"), vec![]),
        (
            (
                "account.opened_funded",
                1,
                r#"{"owner":"ann","cents":1000}"#,
            ),
            vec![opened, deposited(1000, "CZK")],
        ),
        (
            ("deposit.made", 1, r#"{"units":5}"#),
            vec![deposited(500, "CZK")],
        ),
        (("account.viewed", 1, "null"), vec![]),
        (
            ("account.deposited", 2, r#"{"cents":7}"#),
            vec![deposited(7, "CZK")],
        ),
        (
            ("accounts.merged", 1, r#"{"one":8}"#),
            vec![deposited(8, "EUR")],
        ),
        (
            ("account.merged", 2, r#"{"all":[1,2,3,4]}"#),
            vec![
                deposited(1, "EUR"),
                deposited(2, "EUR"),
                deposited(3, "EUR"),
                deposited(4, "EUR"),
            ],
        ),
        (("account.merged", 2, r#"{"all":[]}"#), vec![]),
        (
            ("account.deposited", 3, r#"{"cents":9,"currency":"USD"}"#),
            vec![deposited(9, "USD")],
        ),
    ]
}

/// The state after the first `stored` events of the past.
pub(crate) fn state_after(stored: usize) -> Account {
    let mut state = Account::initial();
    for part in past().into_iter().take(stored).flat_map(|(_, parts)| parts) {
        Account::fold(&mut state, &part).expect("a default state takes every event");
    }
    state.expect("a default state")
}

/// Events as they would lie in the stream of a past version of the code.
pub(crate) fn stored(category: &str, rows: &[Row<'_>]) -> Append {
    let events = rows.iter().zip(1..).map(|((name, version, json), micros)| {
        NewEvent::new(
            EventId::new(UuidV7.next_id()),
            EventName::new(*name).expect("a legal name"),
            *version,
            StoredPayload::json(json.as_bytes()),
            Timestamp::from_micros(micros),
        )
    });
    let stream = StreamId::new(category, "1").expect("a legal stream");
    Append::to(stream, Expected::Any, events.collect::<Vec<_>>())
}

/// A store in which account 1 has all of the past.
pub(crate) async fn store() -> MemoryStore {
    let store = MemoryStore::new();
    let past = past();
    let rows: Vec<_> = past.iter().map(|(row, _)| *row).collect();
    store
        .append(stored("account", &rows))
        .await
        .expect("stores do not look inside");
    store
}

pub(crate) async fn accounts() -> Repository<Account> {
    Repository::new(store().await)
}

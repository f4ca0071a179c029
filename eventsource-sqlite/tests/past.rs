//! Events of another time in a database: renamed, split and dropped ones are read as today's.

mod common;

use common::{folder, open};
use eventsource_core::{
    Append, Category, Delivery, EventId, EventName, IdSource, NewEvent, Read, Start, StoredPayload,
    Subscribe, UuidV7, prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
struct Opened {
    owner: String,
}

/// Called `deposit.made` in version 1, when it had whole units.
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(
    name = "account.deposited",
    version = 2,
    was("deposit.made", before = 2)
)]
struct Deposited {
    #[event(was(units: i64, before = 2, with = |units| units * 100))]
    cents: i64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.noted")]
struct Noted(String);

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.opened_funded")]
struct OpenedFunded {
    owner: String,
    cents: i64,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "account.viewed")]
struct Viewed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, Deposited, Noted),
    retired("account.opened_funded", from = OpenedFunded, into = split),
    retired("account.viewed", from = Viewed, into = |_| []),
)]
struct Account {
    owner: String,
    cents: i64,
}

fn split(old: OpenedFunded) -> [AccountEvent; 2] {
    let OpenedFunded { owner, cents } = old;
    [Opened { owner }.into(), Deposited { cents }.into()]
}

impl Apply<Opened> for Account {
    fn apply(&mut self, event: &Opened) {
        self.owner.clone_from(&event.owner);
    }
}
impl Apply<Deposited> for Account {
    fn apply(&mut self, event: &Deposited) {
        self.cents += event.cents;
    }
}
impl Apply<Noted> for Account {
    fn apply(&mut self, _: &Noted) {}
}

struct Deposit(i64);
impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        Ok(Deposited { cents: command.0 }.into())
    }
}

fn past() -> Append {
    let rows = [
        (
            "account.opened_funded",
            1,
            r#"{"owner":"ann","cents":1000}"#,
        ),
        ("account.viewed", 1, "null"),
        ("account.noted", 1, r#""a note""#),
        ("deposit.made", 1, r#"{"units":5}"#),
    ];
    let events = rows.map(|(name, version, json)| {
        NewEvent::new(
            EventId::new(UuidV7.next_id()),
            EventName::new(name).expect("a legal name"),
            version,
            StoredPayload::json(json.as_bytes()),
            Timestamp::EPOCH,
        )
    });
    let stream = StreamId::new("account", "1").expect("a legal stream");
    Append::to(stream, Expected::NoStream, events)
}

#[tokio::test]
async fn a_renamed_a_split_and_a_dropped_event_are_read_by_every_path() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(past()).await.expect("stored");
    let accounts = Repository::<Account>::new(store.clone());

    let loaded = accounts.load(&1).await.expect("the account");
    assert_eq!((&*loaded.owner, loaded.cents), ("ann", 1500));
    assert_eq!(loaded.version(), Version::new(4));
    let receipt = accounts.execute(&1, Deposit(7)).await.expect("a deposit");
    assert_eq!(receipt.version(), Version::new(5));

    let category = Category::of::<Account>().expect("a legal category");
    let deposits = Read::category(category).typed::<Account, Deposited>();
    let events = store
        .read(deposits.clone())
        .collect()
        .await
        .expect("readable");
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "account.opened_funded",
            "account.viewed",
            "deposit.made",
            "account.deposited"
        ]
    );
    let mut cents = Vec::new();
    for event in &events {
        for part in event.decode::<Account>().expect("readable") {
            if let AccountEvent::Deposited(deposit) = part {
                cents.push((Version::number(Some(event.version)), deposit.cents));
            }
        }
    }
    assert_eq!(cents, [(1, 1000), (4, 500), (5, 7)]);

    let mut subscribe = Subscribe::all(Start::Beginning);
    subscribe.filter = deposits.filter;
    let mut subscription = store.subscribe(subscribe).await.expect("readable");
    for event in &events {
        let next = subscription.next().await.expect("readable");
        assert_eq!(next, Delivery::Event(event.clone()));
    }
}

//! May this build be deployed? A store that holds more than it reads, and one that it reads whole.

use eventsource_core::{
    Append, Audit, EventId, EventName, Expected, IdSource, NewEvent, Registry, StoredPayload,
    UuidV7, prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "deposited", version = 3, was("deposit", before = 2))]
struct Deposited {
    #[event(was(euros: String, before = 3, try_with = |euros| euros.parse::<i64>()))]
    cents: i64,
    #[event(since = 2)]
    note: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "viewed")]
struct Viewed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = std::convert::Infallible,
    events(Deposited),
    retired("viewed", from = Viewed, into = |_| []),
)]
struct Account;

impl Apply<Deposited> for Account {
    fn apply(&mut self, _: &Deposited) {}
}

async fn put(store: &MemoryStore, category: &str, rows: &[(&str, u32, &str)]) {
    let events = rows.iter().map(|(name, version, json)| {
        NewEvent::new(
            EventId::new(UuidV7.next_id()),
            EventName::new(*name).expect("a legal name"),
            *version,
            StoredPayload::json(json.as_bytes()),
            Timestamp::from_micros(0),
        )
    });
    let stream = StreamId::new(category, "1").expect("a legal stream");
    let append = Append::to(stream, Expected::Any, events.collect::<Vec<_>>());
    store
        .append(append)
        .await
        .expect("stores do not look inside");
}

fn registry() -> Registry {
    Registry::of::<Account>().expect("no name is shared")
}

#[tokio::test]
async fn a_store_that_is_read_whole_may_be_deployed_on() {
    let store = MemoryStore::new();
    put(
        &store,
        "account",
        &[
            ("deposit", 1, r#"{"euros":"2"}"#),
            ("viewed", 1, "null"),
            ("deposited", 3, r#"{"cents":5,"note":null}"#),
            ("deposited", 3, r#"{"cents":6}"#),
        ],
    )
    .await;
    let report = Audit::new(&registry())
        .deep()
        .run(&store)
        .await
        .expect("it is read");
    assert!(report.is_readable(), "{report}");
    let pairs: Vec<_> = report
        .pairs
        .iter()
        .map(|pair| {
            (
                pair.name.as_str(),
                pair.version,
                pair.count,
                pair.first.number(),
            )
        })
        .collect();
    assert_eq!(
        pairs,
        [
            ("deposit", 1, 1, 1),
            ("deposited", 3, 2, 3),
            ("viewed", 1, 1, 2)
        ]
    );
}

#[tokio::test]
async fn an_empty_store_takes_any_build() {
    let report = Audit::new(&registry())
        .run(&MemoryStore::new())
        .await
        .expect("it is read");
    assert!(report.is_readable());
    assert_eq!(
        report.to_string(),
        "the store is empty: any build may be deployed"
    );
}

#[tokio::test]
async fn what_this_build_does_not_know_is_told_with_its_reason() {
    let store = MemoryStore::new();
    put(
        &store,
        "account",
        &[
            ("deposited", 4, r#"{"cents":"secret"}"#),
            ("deposit", 3, "{}"),
            ("closed", 1, "null"),
        ],
    )
    .await;
    put(&store, "order", &[("deposited", 3, r#"{"cents":5}"#)]).await;
    for audit in [Audit::new(&registry()), Audit::new(&registry()).deep()] {
        let report = audit.run(&store).await.expect("it is read");
        assert_eq!(report.unreadable_events(), 4);
        let text = report.to_string();
        assert!(!text.contains("secret"), "{text}");
        assert!(report.pairs.iter().all(|pair| pair.problem().is_some()));
        for words in [
            "cannot read 4 of 4 events up to position 4: do not deploy it",
            "! closed in `account`, schema version 1: 1 from position 3\n      the aggregate `account` has no event named `closed`",
            "stored with schema version 4 by newer code; this build knows up to 3",
            "stored under the name `deposit` with schema version 3, but that is its name for version 1",
            "! deposited in `order`, schema version 3: 1 from position 4\n      no registered aggregate has this category",
        ] {
            assert!(text.contains(words), "{text}");
        }
    }
}

#[tokio::test]
async fn a_deep_audit_names_each_event_that_cannot_be_read_and_never_its_payload() {
    let store = MemoryStore::new();
    put(
        &store,
        "account",
        &[
            ("deposited", 3, r#"{"cents":"secret"}"#),
            ("deposit", 1, r#"{"euros":"secret"}"#),
            ("deposited", 3, r#"{"cents":7}"#),
            ("deposited", 3, r#"{"cents":"secret"}"#),
        ],
    )
    .await;
    let shallow = Audit::new(&registry())
        .run(&store)
        .await
        .expect("it is read");
    assert!(shallow.is_readable(), "names and versions alone are well");
    let report = Audit::new(&registry())
        .deep()
        .at_most(2)
        .run(&store)
        .await
        .expect("it is read");
    assert_eq!(report.unreadable_events(), 3);
    let places: Vec<_> = report
        .unreadable
        .iter()
        .map(|event| {
            (
                event.stream.to_string(),
                event.version.get(),
                event.position.number(),
            )
        })
        .collect();
    let stream = "account-1".to_owned();
    assert_eq!(places, [(stream.clone(), 1, 1), (stream, 2, 2)]);
    let text = report.to_string();
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("! and 1 more"), "{text}");
    assert!(
        text.contains("cannot be brought to version 3: field `cents`"),
        "{text}"
    );
}

#[tokio::test]
async fn an_audit_ends_at_what_was_the_head_when_it_began() {
    let store = MemoryStore::new();
    let rows: Vec<_> = (0..2_500)
        .map(|_| ("deposited", 3, r#"{"cents":1}"#))
        .collect();
    put(&store, "account", &rows).await;
    let store: std::sync::Arc<dyn EventStore> = std::sync::Arc::new(store);
    let report = Audit::new(&registry())
        .deep()
        .run(&store)
        .await
        .expect("it is read");
    assert_eq!(
        (report.events, report.pairs.len()),
        (2_500, 1),
        "over several pages"
    );
}

#[tokio::test]
async fn an_audit_that_looked_at_no_payload_says_so() {
    let store = MemoryStore::new();
    put(&store, "account", &[("deposited", 3, r#"{"euros":"?"}"#)]).await;
    let report = Audit::new(&registry()).run(&store).await;
    let report = report.expect("it is read");
    assert!(report.is_readable() && !report.deep);
    let words = report.to_string();
    assert!(words.contains("payloads were not looked at"), "{words}");
    assert!(!words.contains("reads all"), "{words}");
    let deep = Audit::new(&registry()).deep().run(&store).await;
    assert!(!deep.expect("it is read").is_readable());
}

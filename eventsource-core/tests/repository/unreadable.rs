//! What cannot be read is an error that names the event and its version, and never a state.

use std::error::Error as _;

use eventsource_core::{
    ContentType, DecodeError, EventStoreExt, ExecuteError, LoadError, MemoryStore, Repository,
    StoredPayload, prelude::*,
};

use crate::{
    domain::{version, without},
    evolved::{Account, Deposit, Deposited, Row, accounts, past, stored},
};

type Expect = fn(&DecodeError) -> bool;

/// Rows that no code could have written, or only code of another time; and what is said of each.
const ROWS: &[(Row<'static>, Expect, &str)] = &[
    (
        ("account.vanished", 1, "null"),
        |error| matches!(error, DecodeError::UnknownName { aggregate: "account", event, version: 1 } if event == "account.vanished"),
        "the aggregate `account` has no event named `account.vanished` (stored with schema version 1)",
    ),
    (
        ("account.deposited", 4, "{}"),
        |error| {
            matches!(
                error,
                DecodeError::Newer {
                    event: "account.deposited",
                    stored: 4,
                    known: 3
                }
            )
        },
        "the event `account.deposited` was stored with schema version 4 by newer code; this build knows up to 3",
    ),
    (
        ("deposit.made", 4, "{}"),
        |error| {
            matches!(
                error,
                DecodeError::Newer {
                    event: "deposit.made",
                    stored: 4,
                    known: 3
                }
            )
        },
        "the event `deposit.made` was stored with schema version 4 by newer code; this build knows up to 3",
    ),
    (
        ("account.merged", 3, "[]"),
        |error| {
            matches!(
                error,
                DecodeError::Newer {
                    event: "account.merged",
                    stored: 3,
                    known: 2
                }
            )
        },
        "the event `account.merged` was stored with schema version 3 by newer code; this build knows up to 2",
    ),
    (
        ("account.viewed", 2, "null"),
        |error| {
            matches!(
                error,
                DecodeError::Newer {
                    event: "account.viewed",
                    stored: 2,
                    known: 1
                }
            )
        },
        "the event `account.viewed` was stored with schema version 2 by newer code; this build knows up to 1",
    ),
    (
        ("deposit.made", 3, r#"{"cents":1,"currency":"CZK"}"#),
        |error| {
            matches!(
                error,
                DecodeError::NameOfOtherVersion {
                    event: "account.deposited",
                    stored: "deposit.made",
                    version: 3,
                    names: Deposited::NAMES,
                }
            )
        },
        "the event `account.deposited` was stored under the name `deposit.made` with schema version 3, but that is its name for version 1",
    ),
    (
        ("account.deposited", 1, r#"{"units":1}"#),
        |error| {
            matches!(
                error,
                DecodeError::NameOfOtherVersion {
                    event: "account.deposited",
                    stored: "account.deposited",
                    version: 1,
                    names: Deposited::NAMES,
                }
            )
        },
        "the event `account.deposited` was stored under the name `account.deposited` with schema version 1, but that is its name for the versions 2 to 3",
    ),
    (
        ("accounts.merged", 2, "[]"),
        |error| {
            matches!(
                error,
                DecodeError::NameOfOtherVersion {
                    event: "account.merged",
                    stored: "accounts.merged",
                    version: 2,
                    ..
                }
            )
        },
        "the event `account.merged` was stored under the name `accounts.merged` with schema version 2, but that is its name for version 1",
    ),
    (
        ("deposit.made", 1, r#"{"cents":1}"#),
        |error| {
            matches!(
                error,
                DecodeError::Payload {
                    event: "account.deposited",
                    version: 1,
                    ..
                }
            )
        },
        "the payload of `account.deposited` does not have the shape of its schema version 1",
    ),
    (
        ("deposit.made", 1, r#"{"units":9223372036854775807}"#),
        |error| {
            matches!(
                error,
                DecodeError::Step {
                    event: "account.deposited",
                    version: 1,
                    to: 2,
                    field: Some("cents"),
                    ..
                }
            )
        },
        "the event `account.deposited`, stored with schema version 1, cannot be brought to version 2: field `cents`",
    ),
    (
        ("account.opened_funded", 1, r#"{"owner":"ann"}"#),
        |error| {
            matches!(
                error,
                DecodeError::Payload {
                    event: "account.opened_funded",
                    version: 1,
                    ..
                }
            )
        },
        "the payload of `account.opened_funded` does not have the shape of its schema version 1",
    ),
    (
        ("account.viewed", 1, "{}"),
        |error| {
            matches!(
                error,
                DecodeError::Payload {
                    event: "account.viewed",
                    version: 1,
                    ..
                }
            )
        },
        "the payload of `account.viewed` does not have the shape of its schema version 1",
    ),
];

#[tokio::test]
async fn what_cannot_be_read_stops_each_read_path_with_its_place_and_nothing_is_written() {
    let before = past().len();
    for (row, expected, message) in ROWS {
        let accounts = accounts().await;
        let append = stored("account", &[*row]);
        accounts
            .store()
            .append(append)
            .await
            .expect("stores do not look inside");

        let error = accounts.load(&1).await.expect_err("no state");
        let LoadError::Decode {
            version: at,
            source,
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(*at, version(before as u64 + 1));
        assert!(expected(source), "{source:?}");
        assert_eq!(source.to_string(), *message);
        assert_eq!(
            error.source().map(ToString::to_string).as_deref(),
            Some(*message)
        );

        let error = accounts
            .execute(&1, Deposit(1))
            .await
            .expect_err("no decision");
        assert!(
            matches!(error, ExecuteError::Load(LoadError::Decode { .. })),
            "{error:?}"
        );
        accounts.begin(&1).await.expect_err("no unit of work");

        let events = accounts
            .store()
            .read_all()
            .await
            .expect("readable as stored");
        assert_eq!(events.len(), before + 1, "nothing was written");
        let error = events[before]
            .decode::<Account>()
            .expect_err("not readable");
        assert!(expected(&error), "{error:?}");

        // What lies before it can still be read.
        let as_of = AsOf::Version(version(before as u64));
        accounts.load_as_of(&1, as_of).await.expect("the past");
    }
}

#[tokio::test]
async fn version_zero_is_none_under_any_name() {
    use eventsource_core::AggregateEvent;
    for name in [
        "deposit.made",
        "account.deposited",
        "account.viewed",
        "account.merged",
    ] {
        let error =
            <Account as Aggregate>::Event::decode(name, 0, b"null").expect_err("no version");
        assert!(
            matches!(error, DecodeError::VersionZero { event } if event == name),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_hole_is_one_however_it_is_read_also_where_the_missing_event_would_have_been_dropped() {
    let store = crate::evolved::store().await;
    let damaged = Repository::<Account>::new(without(&store, version(4)));
    for as_of in [
        None,
        Some(AsOf::Version(version(6))),
        Some(AsOf::Recorded(Timestamp::MAX)),
    ] {
        let loaded = match as_of {
            None => damaged.load(&1).await,
            Some(as_of) => damaged.load_as_of(&1, as_of).await,
        };
        let error = loaded.expect_err("no state");
        assert!(
            matches!(&error, LoadError::Hole { last, found, .. }
                if *last == Some(version(3)) && *found == version(5)),
            "{as_of:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_payload_of_another_content_type_is_never_read_as_json() {
    let mut append = stored("account", &[("account.opened", 1, r#"{"owner":"ann"}"#)]);
    let cbor = ContentType::new("application/cbor").expect("a legal type");
    let payload = &mut append.parts[0].events[0].payload;
    // The bytes are JSON, so that nothing but the type says what they are not.
    *payload = StoredPayload::new(cbor, payload.bytes());
    let accounts = Repository::<Account>::new(MemoryStore::new());
    accounts.store().append(append).await.expect("stored");

    let is_refused = |error: &DecodeError| {
        matches!(error, DecodeError::ContentType { event, expected: "application/json", actual }
            if event == "account.opened" && actual == "application/cbor")
    };
    let error = accounts.load(&1).await.expect_err("no state");
    assert!(
        matches!(&error, LoadError::Decode { source, .. } if is_refused(source)),
        "{error:?}"
    );
    let events = accounts.store().read_all().await.expect("one event");
    let error = events[0].decode::<Account>().expect_err("not readable");
    assert!(is_refused(&error), "{error:?}");
    accounts
        .execute(&1, Deposit(1))
        .await
        .expect_err("no state");
}

/// Has its first name again.
#[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
#[event(name = "a.a", version = 4, was("a.a", before = 2), was("a.b", before = 3), step(4, with = |old| Returned { n: old.n }))]
struct Returned {
    n: u8,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "returned", id = u64, error = std::convert::Infallible, events(Returned))]
struct Returns;

impl Apply<Returned> for Returns {
    fn apply(&mut self, _: &Returned) {}
}

#[test]
fn a_name_that_was_given_back_belongs_to_all_of_its_versions() {
    use eventsource_core::AggregateEvent;
    for (name, at) in [("a.a", 1), ("a.b", 2), ("a.a", 3), ("a.a", 4)] {
        ReturnsEvent::decode(name, at, br#"{"n":1}"#).expect("readable");
    }
    for (name, at, versions) in [
        ("a.a", 2, "the versions 1 and 3 to 4"),
        ("a.b", 1, "version 2"),
    ] {
        let error = ReturnsEvent::decode(name, at, br#"{"n":1}"#).expect_err("damage");
        let said = error.to_string();
        assert!(
            said.ends_with(&format!("but that is its name for {versions}")),
            "{said}"
        );
    }
}

//! `oldest = K`: the versions below K are known and no longer read.

use eventsource_core::{
    Aggregate, AggregateEvent, Apply, DecodeError, Past, Schema, Shape, StoredName, prelude::*,
};
use serde::{Deserialize, Serialize};

use super::{read, shown};

/// Versions 1 and 2 had other shapes, of which nothing is said any more; version 3 is a struct of its own.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 5, oldest = 3, v3 = DepositedV3)]
#[event(was("deposit.made", before = 2))]
#[serde(deny_unknown_fields)]
struct Deposited {
    cents: u64,
    #[event(since = 5)]
    note: Option<String>,
}

#[derive(Deserialize)]
struct DepositedV3 {
    dollars: u64,
}

impl From<DepositedV3> for Shape<Deposited, 4> {
    fn from(old: DepositedV3) -> Self {
        Self {
            cents: old.dollars * 100,
        }
    }
}

fn deposited(cents: u64) -> Deposited {
    Deposited { cents, note: None }
}

#[test]
fn an_event_is_read_from_its_oldest_version_on() {
    let json = r#"{"dollars":5}"#;
    assert_eq!(read::<Deposited>(3, json).unwrap(), deposited(500));
    let json = r#"{"cents":5}"#;
    assert_eq!(read::<Deposited>(4, json).unwrap(), deposited(5));
    let json = r#"{"cents":5,"note":null}"#;
    assert_eq!(read::<Deposited>(5, json).unwrap(), deposited(5));
}

#[test]
fn an_event_of_an_older_version_is_too_old_and_not_misread() {
    for version in [1, 2] {
        // Also where the payload happens to have the shape of another version.
        for json in [r#"{"cents":5}"#, r#"{"dollars":5}"#, "no JSON"] {
            let error = read::<Deposited>(version, json).unwrap_err();
            assert!(
                matches!(error, DecodeError::TooOld { event: "account.deposited", stored, oldest: 3 } if stored == version),
                "{error:?}"
            );
        }
    }
    assert_eq!(
        shown(&read::<Deposited>(2, "{}").unwrap_err()),
        "the event `account.deposited` was stored with schema version 2, but this build reads it from version 3 on: \
         read it with a build that still knows version 2, or describe that version again and lower `oldest`"
    );
    assert!(matches!(
        read::<Deposited>(0, "{}"),
        Err(DecodeError::VersionZero { .. })
    ));
    assert!(matches!(
        read::<Deposited>(6, "{}"),
        Err(DecodeError::Newer {
            stored: 6,
            known: 5,
            ..
        })
    ));
}

/// Every version below today's is gone.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.closed", version = 2, oldest = 2)]
struct Closed {
    reason: String,
}

#[test]
fn today_can_be_the_oldest_version() {
    assert!(read::<Closed>(2, r#"{"reason":"x"}"#).is_ok());
    assert!(matches!(
        read::<Closed>(1, r#"{"reason":"x"}"#),
        Err(DecodeError::TooOld {
            stored: 1,
            oldest: 2,
            ..
        })
    ));
}

mod table {
    use super::*;

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(name = "account", id = u64, error = Never, events(Deposited))]
    #[aggregate(retired("account.closed", from = Closed, into = |_| []))]
    struct Account {
        cents: u64,
    }

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("never")]
    struct Never;

    impl Apply<Deposited> for Account {
        fn apply(&mut self, event: &Deposited) {
            self.cents += event.cents;
        }
    }

    #[test]
    fn the_table_of_an_aggregate_knows_what_is_too_old() {
        type E = <Account as Aggregate>::Event;
        let oldest: Vec<_> = E::TABLE
            .iter()
            .map(|known| (known.schema.name, known.oldest, known.schema.version))
            .collect();
        assert_eq!(
            oldest,
            [("account.deposited", 3, 5), ("account.closed", 2, 2)]
        );
        assert_eq!((Deposited::OLDEST, Closed::OLDEST), (3, 2));
        // The names stay whole: what was stored under them is too old, and not another event.
        let name = |name, first, last| StoredName { name, first, last };
        assert_eq!(
            Deposited::NAMES,
            [name("deposit.made", 1, 1), name("account.deposited", 2, 5)]
        );
        for (name, version) in [
            ("deposit.made", 1),
            ("account.deposited", 2),
            ("account.closed", 1),
        ] {
            let error = E::decode(name, version, b"{}").unwrap_err();
            assert!(matches!(error, DecodeError::TooOld { .. }), "{error:?}");
        }
        let error = E::decode("account.deposited", 1, b"{}").unwrap_err();
        assert!(
            matches!(error, DecodeError::NameOfOtherVersion { .. }),
            "{error:?}"
        );
        assert!(E::decode("account.deposited", 4, br#"{"cents":5}"#).is_ok());
    }
}

/// A value that is no longer read at its first version; whoever still asks for that does not compile.
#[derive(Debug, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 3, oldest = 2)]
struct Address {
    street: String,
    #[event(since = 3, default = "CZ".to_owned())]
    country: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "customer.moved", version = 3, oldest = 2)]
struct Moved {
    #[event(nested = 3, was(_: Past<Address, 2>, before = 3))]
    to: Address,
}

#[test]
fn a_value_has_an_oldest_version_of_its_own() {
    let moved = read::<Moved>(2, r#"{"to":{"street":"s"}}"#).unwrap();
    assert_eq!((&*moved.to.street, &*moved.to.country), ("s", "CZ"));
    // A number that no macro saw is refused when it is read.
    let error = serde_json::from_str::<Past<Address, 1>>(r#"{"street":"s"}"#).unwrap_err();
    assert!(
        error.to_string().contains("not read at version 1"),
        "{error}"
    );
}

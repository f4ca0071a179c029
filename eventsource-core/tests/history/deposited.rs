//! One event through five versions: a field added, one retyped and renamed, one removed, one widened.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

use super::{read, shown};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Currency {
    Eur,
    Usd,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.deposited", version = 5)]
#[event(had(memo: String, before = 4))]
#[serde(deny_unknown_fields)]
pub(crate) struct Deposited {
    pub(crate) account: String,
    #[event(was(amount: f64, before = 3, with = to_cents))]
    #[event(was(cents: u32, before = 5))]
    pub(crate) cents: u64,
    #[event(since = 2, default = Currency::Eur)]
    pub(crate) currency: Currency,
    #[event(since = 4, with = |old| !old.memo.is_empty())]
    pub(crate) annotated: bool,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an amount was never negative, and never that large"
)]
fn to_cents(dollars: f64) -> u32 {
    (dollars * 100.0).round() as u32
}

fn deposited(cents: u64, currency: Currency, annotated: bool) -> Deposited {
    Deposited {
        account: "a".to_owned(),
        cents,
        currency,
        annotated,
    }
}

#[test]
fn every_version_becomes_what_it_means_today() {
    for (version, json, expected) in [
        (
            1,
            r#"{"account":"a","amount":1.5,"memo":""}"#,
            deposited(150, Currency::Eur, false),
        ),
        (
            1,
            r#"{"account":"a","amount":1.5,"memo":"hi"}"#,
            deposited(150, Currency::Eur, true),
        ),
        (
            2,
            r#"{"account":"a","amount":1.5,"memo":"hi","currency":"Usd"}"#,
            deposited(150, Currency::Usd, true),
        ),
        (
            3,
            r#"{"account":"a","cents":7,"memo":"hi","currency":"Usd"}"#,
            deposited(7, Currency::Usd, true),
        ),
        (
            4,
            r#"{"account":"a","cents":7,"currency":"Usd","annotated":true}"#,
            deposited(7, Currency::Usd, true),
        ),
        (
            5,
            r#"{"account":"a","cents":7000000000,"currency":"Usd","annotated":true}"#,
            deposited(7_000_000_000, Currency::Usd, true),
        ),
    ] {
        assert_eq!(
            read::<Deposited>(version, json).unwrap(),
            expected,
            "version {version}"
        );
    }
}

#[test]
fn a_version_has_no_field_of_another_one() {
    // A payload of version 2 that is said to be of version 3.
    let error = read::<Deposited>(
        3,
        r#"{"account":"a","amount":1.5,"memo":"","currency":"Usd"}"#,
    );
    let text = shown(&error.unwrap_err());
    assert!(
        text.contains("schema version 3") && text.contains("unknown field, expected"),
        "{text}"
    );
    // What fits into today's field did not fit into that of version 4.
    assert!(
        read::<Deposited>(
            4,
            r#"{"account":"a","cents":7000000000,"currency":"Usd","annotated":true}"#
        )
        .is_err()
    );
}

#[test]
fn what_is_written_is_written_at_todays_version() {
    let event = deposited(7, Currency::Usd, true);
    let mut json = Vec::new();
    event.encode(&mut json).unwrap();
    assert_eq!(Deposited::SCHEMA.version, 5);
    assert_eq!(Deposited::decode(5, &json).unwrap(), event);
}

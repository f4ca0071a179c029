//! Stored events as past versions of the code have written them, by chance.

use proptest::{collection::vec, prelude::*};

/// A stored event of another version of the code, or of another program.
#[derive(Debug, Clone)]
pub(crate) struct Row(pub(crate) &'static str, pub(crate) u32, pub(crate) String);

pub(crate) fn creating() -> impl Strategy<Value = Row> {
    prop_oneof![
        Just(Row("account.opened", 1, r#"{"owner":"eve"}"#.to_owned())),
        (0..100_i64).prop_map(|cents| {
            Row(
                "account.opened_funded",
                1,
                format!(r#"{{"owner":"bob","cents":{cents}}}"#),
            )
        }),
    ]
}

pub(crate) fn dropped() -> Row {
    Row("account.viewed", 1, "null".to_owned())
}

pub(crate) fn later() -> impl Strategy<Value = Row> {
    prop_oneof![
        Just(dropped()),
        (0..100_i64).prop_map(|n| Row("deposit.made", 1, format!(r#"{{"units":{n}}}"#))),
        (0..100_i64).prop_map(|n| Row("account.deposited", 2, format!(r#"{{"cents":{n}}}"#))),
        (0..100_i64).prop_map(|n| {
            Row(
                "account.deposited",
                3,
                format!(r#"{{"cents":{n},"currency":"USD"}}"#),
            )
        }),
        (0..100_i64).prop_map(|n| Row("accounts.merged", 1, format!(r#"{{"one":{n}}}"#))),
        vec(0..100_i64, 0..4).prop_map(|all| Row(
            "account.merged",
            2,
            format!(r#"{{"all":{all:?}}}"#)
        )),
    ]
}

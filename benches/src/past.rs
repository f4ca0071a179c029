//! An event with five versions, brought from the first to the fifth without the framework: through structs by hand, and
//! over `serde_json::Value` as most frameworks do it. [`history`](crate::history) is the same with the framework.
//!
//! ```text
//! 1  account, amount: f64, memo
//! 2  + currency, EUR where there was none
//! 3  amount: f64 becomes cents: u32
//! 4  - memo, + annotated, which was whether there is a memo
//! 5  cents: u32 becomes cents: u64
//! ```

use std::error::Error;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    bank::Stored,
    bare::{AccountOpened, MoneyWithdrawn},
};

/// What money is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Currency {
    /// The euro.
    Eur,
    /// The dollar.
    Usd,
}

/// Version 1.
#[derive(Debug, Serialize, Deserialize)]
pub struct DepositedV1 {
    account: String,
    amount: f64,
    memo: String,
}

#[derive(Debug)]
struct DepositedV2 {
    account: String,
    amount: f64,
    memo: String,
    currency: Currency,
}

#[derive(Debug)]
struct DepositedV3 {
    account: String,
    cents: u32,
    memo: String,
    currency: Currency,
}

#[derive(Debug)]
struct DepositedV4 {
    account: String,
    cents: u32,
    currency: Currency,
    annotated: bool,
}

/// Version 5, which is today's.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposited {
    account: String,
    cents: u64,
    currency: Currency,
    annotated: bool,
}

impl From<DepositedV1> for DepositedV2 {
    fn from(old: DepositedV1) -> Self {
        Self {
            account: old.account,
            amount: old.amount,
            memo: old.memo,
            currency: Currency::Eur,
        }
    }
}

impl From<DepositedV2> for DepositedV3 {
    fn from(old: DepositedV2) -> Self {
        Self {
            account: old.account,
            cents: to_cents(old.amount),
            memo: old.memo,
            currency: old.currency,
        }
    }
}

impl From<DepositedV3> for DepositedV4 {
    fn from(old: DepositedV3) -> Self {
        Self {
            account: old.account,
            cents: old.cents,
            currency: old.currency,
            annotated: !old.memo.is_empty(),
        }
    }
}

impl From<DepositedV4> for Deposited {
    fn from(old: DepositedV4) -> Self {
        Self {
            account: old.account,
            cents: old.cents.into(),
            currency: old.currency,
            annotated: old.annotated,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast that saturates is what the history says"
)]
pub(crate) fn to_cents(amount: f64) -> u32 {
    (amount * 100.0).round() as u32
}

/// The payload of an event of version 1, or of today's version; both say the same.
///
/// # Panics
///
/// Never: both have a JSON form.
pub fn payload(version: u32, account: usize, cents: u32, memo: String) -> Vec<u8> {
    let first = DepositedV1 {
        account: format!("account-{account:06}"),
        amount: f64::from(cents) / 100.0,
        memo,
    };
    match version {
        1 => serde_json::to_vec(&first),
        _ => serde_json::to_vec(&from_first(first)),
    }
    .expect("texts and finite numbers have a JSON form")
}

fn from_first(first: DepositedV1) -> Deposited {
    DepositedV4::from(DepositedV3::from(DepositedV2::from(first))).into()
}

/// Reads an event of today's version.
///
/// # Errors
///
/// When the payload does not have its shape.
pub fn current(payload: &[u8]) -> Result<Deposited, serde_json::Error> {
    serde_json::from_slice(payload)
}

/// Reads an event of version 1 into its struct, and that through the others into today's.
///
/// # Errors
///
/// When the payload does not have its shape.
pub fn by_hand(payload: &[u8]) -> Result<Deposited, serde_json::Error> {
    serde_json::from_slice(payload).map(from_first)
}

/// Reads an event of version 1 into a `Value`, changes that step by step, and makes it a struct at the end.
///
/// # Errors
///
/// When the payload does not have its shape.
pub fn over_value(payload: &[u8]) -> Result<Deposited, Box<dyn Error>> {
    let mut value: Value = serde_json::from_slice(payload)?;
    let fields = value.as_object_mut().ok_or("no object")?;
    fields.insert("currency".to_owned(), "Eur".into());
    let amount = fields.remove("amount").and_then(|amount| amount.as_f64());
    fields.insert(
        "cents".to_owned(),
        to_cents(amount.ok_or("no amount")?).into(),
    );
    let memo = fields.remove("memo").ok_or("no memo")?;
    let annotated = memo.as_str().is_some_and(|memo| !memo.is_empty());
    fields.insert("annotated".to_owned(), annotated.into());
    let cents = fields["cents"].as_u64().ok_or("no cents")?;
    fields.insert("cents".to_owned(), cents.into());
    Ok(serde_json::from_value(value)?)
}

/// The account of the standard workload, whose deposits are the event with five versions.
#[derive(Debug, Default)]
pub struct Account {
    /// Whose it is.
    pub owner: String,
    /// What is in it, in cents.
    pub balance: i64,
    /// How many events it has had.
    pub events: u64,
}

impl Account {
    /// The payload goes into the struct that name and version say, and from there into the state.
    ///
    /// # Errors
    ///
    /// When the name is unknown, or the payload does not have its shape.
    pub fn replay(&mut self, stored: &Stored) -> Result<(), Box<dyn Error>> {
        match (stored.name.as_str(), stored.version) {
            ("account.opened", 1) => {
                let event: AccountOpened = serde_json::from_slice(&stored.payload)?;
                self.owner = event.owner;
                self.balance = event.initial;
            }
            ("money.deposited", 1) => {
                self.balance += by_hand(&stored.payload)?.cents.cast_signed();
            }
            ("money.deposited", 5) => {
                self.balance += current(&stored.payload)?.cents.cast_signed();
            }
            ("money.withdrawn", 1) => {
                let event: MoneyWithdrawn = serde_json::from_slice(&stored.payload)?;
                self.balance -= event.amount;
            }
            (name, version) => return Err(format!("no event {name}, version {version}").into()),
        }
        self.events += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use eventsource_core::Event as _;

    use super::*;
    use crate::history;

    #[test]
    fn all_ways_from_the_first_version_give_the_same_event() {
        for cents in 0..1_000 {
            let [first, today] =
                [1, 5].map(|version| payload(version, 1, cents, "rent".to_owned()));
            let event = current(&today).unwrap();
            assert_eq!(by_hand(&first).unwrap(), event);
            assert_eq!(over_value(&first).unwrap(), event);
            for (version, payload) in [(1, first), (5, today)] {
                let derived = history::MoneyDeposited::decode(version, &payload).unwrap();
                assert_eq!(
                    serde_json::to_value(&derived).unwrap(),
                    serde_json::to_value(&event).unwrap()
                );
            }
        }
    }
}

//! The balance of an account.

use eventsource_sqlite::{SqliteReadError, SqliteReadModels, SqliteRow};

use super::{Answered, Query, rows};
use crate::{account::AccountId, date::Date, read_models::Balances};

/// How is this account?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The account.
    pub account: AccountId,
}

/// How an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBalance {
    /// The account.
    pub account: AccountId,
    /// Who opened it, where somebody is named.
    pub owner: Option<String>,
    /// What came in less what went out, in haler.
    pub haler: i64,
    /// The balance that a ledger printed last, in haler.
    pub printed: Option<i64>,
    /// Whether it may go below zero.
    pub overdraft: bool,
    /// Whether withdrawals are refused.
    pub blocked: bool,
    /// How many withdrawals were declined.
    pub declined: u64,
    /// The day of the last movement.
    pub moved_on: Option<Date>,
}

impl Query for Balance {
    /// `None` where there is no such account.
    type Answer = Answered<Option<AccountBalance>>;

    async fn ask(&self, models: &SqliteReadModels) -> Result<Self::Answer, SqliteReadError> {
        let sql = "SELECT * FROM balances WHERE account = ?1";
        let found = rows::<Balances, _>(models, sql, [self.account], balance).await?;
        Ok(Answered {
            position: found.position,
            answer: found.answer.into_iter().next(),
        })
    }
}

pub(super) fn balance(row: &SqliteRow) -> Result<AccountBalance, SqliteReadError> {
    Ok(AccountBalance {
        account: row.get("account")?,
        owner: row.get("owner")?,
        haler: row.get("haler")?,
        printed: row.get("printed")?,
        overdraft: row.get("overdraft")?,
        blocked: row.get("blocked")?,
        declined: row.get("declined")?,
        moved_on: row.get("moved_on")?,
    })
}

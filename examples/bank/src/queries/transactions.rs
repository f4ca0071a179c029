//! The transactions of an account, page by page.

use std::{fmt, str::FromStr};

use eventsource_core::Version;
use eventsource_sqlite::{SqliteReadError, SqliteReadModels, SqliteRow};

use super::{Answered, Query, rows};
use crate::{account::AccountId, date::Date, read_models::Transactions};

/// What moved on this account, the newest first?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionsPage {
    /// The account.
    pub account: AccountId,
    /// Where the page before this one ended; `None` for the first page.
    pub after: Option<Cursor>,
    /// How many at the most.
    pub most: u32,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The transactions, the newest first.
    pub transactions: Vec<Transaction>,
    /// Where the next page begins; `None` where there is none. What happens meanwhile comes before the first page, and
    /// moves no other.
    pub next: Option<Cursor>,
}

/// A movement, as the history of an account shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The version of its event in the account's stream.
    pub version: u64,
    /// The day.
    pub day: Date,
    /// What it is: `credit`, `withdrawal` or `reversal`.
    pub kind: String,
    /// What it did to the balance, in haler.
    pub haler: i64,
    /// The balance after it, in haler.
    pub balance: i64,
    /// The number of the ledger's transaction.
    pub trans_id: Option<u64>,
    /// How the money moved, as the ledger has it.
    pub operation: Option<String>,
    /// What for, as the ledger has it.
    pub k_symbol: Option<String>,
    /// The balance that the ledger printed, in haler.
    pub printed: Option<i64>,
}

impl Query for TransactionsPage {
    type Answer = Answered<Page>;

    async fn ask(&self, models: &SqliteReadModels) -> Result<Self::Answer, SqliteReadError> {
        let sql = "SELECT * FROM transactions WHERE account = ?1 AND (?2 IS NULL OR version < ?2) \
             ORDER BY version DESC LIMIT ?3";
        let after = self.after.map(|cursor| cursor.version.cast_signed());
        // One more says whether there is a next page.
        let most = u64::from(self.most) + 1;
        let params = (self.account, after, most);
        let found = rows::<Transactions, _>(models, sql, params, transaction).await?;
        let mut transactions = found.answer;
        let has_more = transactions.len() as u64 == most;
        transactions.truncate(usize::try_from(self.most).unwrap_or(usize::MAX));
        let last = transactions.last().filter(|_| has_more);
        let next = last.map(|last| Cursor {
            account: self.account,
            version: last.version,
        });
        Ok(Answered {
            position: found.position,
            answer: Page { transactions, next },
        })
    }
}

fn transaction(row: &SqliteRow) -> Result<Transaction, SqliteReadError> {
    Ok(Transaction {
        version: row.get("version")?,
        day: row.get("day")?,
        kind: row.get("kind")?,
        haler: row.get("haler")?,
        balance: row.get("balance")?,
        trans_id: row.get::<Option<i64>>("trans_id")?.map(i64::cast_unsigned),
        operation: row.get("operation")?,
        k_symbol: row.get("k_symbol")?,
        printed: row.get("printed")?,
    })
}

/// Where a page of one account ends. What it says is of no concern to who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    account: AccountId,
    version: u64,
}

/// A text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// No page of this program ended with it.
    #[error("this is no cursor: take the one that stands below a page")]
    Form,
    /// It is of another account.
    #[error("this cursor is of another account")]
    Account,
}

impl Cursor {
    /// The same, where it is one of this account.
    ///
    /// # Errors
    ///
    /// [`CursorError::Account`].
    pub fn of(self, account: AccountId) -> Result<Self, CursorError> {
        if self.account == account {
            return Ok(self);
        }
        Err(CursorError::Account)
    }
}

/// What makes a slip of the pen show.
fn check(account: u64, version: u64) -> u16 {
    let bytes = account
        .to_le_bytes()
        .into_iter()
        .chain(version.to_le_bytes());
    bytes.fold(1, |sum, byte| {
        sum.wrapping_mul(257).wrapping_add(byte.into())
    })
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, version) = (self.account.0, self.version);
        write!(f, "{account:x}.{version:x}.{:04x}", check(account, version))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let mut parts = text.split('.').map(|part| u64::from_str_radix(part, 16));
        let (Some(Ok(account)), Some(Ok(version)), Some(Ok(sum)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CursorError::Form);
        };
        let cursor = Self {
            account: AccountId(account),
            version,
        };
        // Its own form, and no other one of the same numbers.
        let is_whole = sum == u64::from(check(account, version)) && cursor.to_string() == text;
        (is_whole && Version::new(version).is_some())
            .then_some(cursor)
            .ok_or(CursorError::Form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_no_other_text_is() {
        let cursor = Cursor {
            account: AccountId(576),
            version: 21,
        };
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        assert_eq!(cursor.of(AccountId(576)), Ok(cursor));
        assert_eq!(cursor.of(AccountId(577)), Err(CursorError::Account));
        let changed = text.replace(".15.", ".16.");
        assert_ne!(changed, text);
        let zero = Cursor {
            version: 0,
            ..cursor
        }
        .to_string();
        for wrong in ["", "576", "240.15", &changed, &format!("+{text}"), &zero] {
            assert_eq!(wrong.parse::<Cursor>(), Err(CursorError::Form), "{wrong}");
        }
    }
}

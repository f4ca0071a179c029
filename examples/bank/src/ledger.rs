//! A ledger as a CSV file: read as a whole and checked before anything is written anywhere.
//!
//! `FORM` describes the file. Nothing is repaired: what is not well-formed is refused with its line.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{account::AccountId, date::Date, fingerprint::Fingerprint};

/// The form of a ledger, for `--help`.
pub const FORM: &str = "\
A ledger is a CSV file with this header and one line for each movement:

  account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler

  account_id     number of the account
  version        1, 2, 3 ... within the account, without holes
  date           day of the movement, such as 1994-03-30; it never falls within an account
  trans_id       number of the transaction, unique in the file
  type           PRIJEM for a credit, VYDAJ or VYBER for a debit
  operation      how the money moved; free text, may be empty
  k_symbol       what for; free text, may be empty
  amount_haler   how much, a positive integer of haler (100 haler are 1 CZK)
  balance_haler  the account's balance after it, as the bank printed it; an integer of haler";

/// What a row does to the balance, in the ledger's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Money comes in.
    #[serde(rename = "PRIJEM")]
    Credit,
    /// Money goes out.
    #[serde(rename = "VYDAJ")]
    Debit,
    /// Money goes out, in cash.
    #[serde(rename = "VYBER")]
    CashDebit,
}

/// One line of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The account.
    pub account_id: u64,
    /// The number of the row within its account, from 1.
    pub version: u64,
    /// The day of the movement.
    pub date: Date,
    /// The number of the transaction.
    pub trans_id: u64,
    /// Credit or debit.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// How the money moved.
    pub operation: String,
    /// What for.
    pub k_symbol: String,
    /// How much, in haler.
    pub amount_haler: i64,
    /// The balance after it, as the bank printed it, in haler.
    pub balance_haler: i64,
}

impl Row {
    /// What the row does to the balance, in haler.
    pub fn change(&self) -> i64 {
        match self.kind {
            Kind::Credit => self.amount_haler,
            Kind::Debit | Kind::CashDebit => -self.amount_haler,
        }
    }
}

/// A ledger that is well-formed.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// What tells this file from any other.
    pub fingerprint: Fingerprint,
    /// How many rows it has.
    pub rows: usize,
    /// The rows of each account, in order.
    pub accounts: BTreeMap<AccountId, Vec<Row>>,
}

/// A file is not a well-formed ledger; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// A line is not CSV, or one of its values is not what its column holds.
    #[error("{}not a row of a ledger", at_line(.0))]
    Csv(#[source] csv::Error),
    /// The first line is not the header of a ledger.
    #[error("line 1: the header is `{found}`; it must be `{HEADER}`")]
    Header {
        /// What stands there.
        found: String,
    },
    /// A row is not what it must be.
    #[error("line {line}: {problem}")]
    Row {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// The file has a header only.
    #[error("the ledger has no rows")]
    Empty,
}

const HEADER: &str =
    "account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler";

impl Ledger {
    /// Reads and checks a file.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] with the first line that is wrong.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::parse(&std::fs::read(path)?)
    }

    /// Reads and checks the bytes of a file.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] with the first line that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().map_err(LedgerError::Csv)?;
        let found = header.iter().collect::<Vec<_>>().join(",");
        if found != HEADER {
            return Err(LedgerError::Header { found });
        }
        let mut ledger = Self {
            fingerprint: Fingerprint::of(bytes),
            rows: 0,
            accounts: BTreeMap::new(),
        };
        let mut lines: HashMap<u64, u64> = HashMap::new();
        let mut rows = reader.deserialize::<Row>();
        loop {
            let line = rows.reader().position().line();
            let Some(row) = rows.next() else { break };
            let row = row.map_err(LedgerError::Csv)?;
            if let Some(first) = lines.insert(row.trans_id, line) {
                let problem = format!("the trans_id {} is that of line {first}", row.trans_id);
                return Err(LedgerError::Row { line, problem });
            }
            let of_account = ledger
                .accounts
                .entry(AccountId(row.account_id))
                .or_default();
            check(&row, of_account).map_err(|problem| LedgerError::Row { line, problem })?;
            of_account.push(row);
            ledger.rows += 1;
        }
        match ledger.rows {
            0 => Err(LedgerError::Empty),
            _ => Ok(ledger),
        }
    }
}

impl Ledger {
    /// The ends of quarters that the ledger spans, and its last day: the days as of which its sums are printed.
    pub fn quarter_ends(&self) -> Vec<Date> {
        let all = || self.accounts.values().flatten().map(|row| row.date);
        let (Some(first), Some(last)) = (all().min(), all().max()) else {
            return Vec::new();
        };
        let years = first.year()..=last.year();
        let mut days: Vec<Date> = years.flat_map(Date::quarter_ends).collect();
        days.retain(|day| first <= *day && *day < last);
        days.push(last);
        days
    }
}

/// What is wrong with a row that follows `earlier` ones of its account.
fn check(row: &Row, earlier: &[Row]) -> Result<(), String> {
    let due = earlier.len() as u64 + 1;
    if row.version != due {
        return Err(format!(
            "the row of account {} has the version {}, but {due} comes next",
            row.account_id, row.version
        ));
    }
    if row.amount_haler <= 0 {
        return Err(format!("the amount {} is not positive", row.amount_haler));
    }
    match earlier.last() {
        Some(before) if row.date < before.date => Err(format!(
            "account {} goes back from {} to {}",
            row.account_id, before.date, row.date
        )),
        _ => Ok(()),
    }
}

fn at_line(error: &csv::Error) -> String {
    error
        .position()
        .map_or_else(String::new, |at| format!("line {}: ", at.line()))
}

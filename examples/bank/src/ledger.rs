//! A ledger as a CSV file: read as a whole and checked before anything is written anywhere.
//!
//! `FORM` describes the file. Nothing is repaired: what is not well-formed is refused with its line.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::Path,
    sync::Arc,
};

use eventsource_core::Schema;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
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
    pub accounts: BTreeMap<AccountId, Arc<[Row]>>,
}

/// A file is not a well-formed ledger; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// The first line is not CSV.
    #[error("line 1: not a header")]
    NoHeader(#[source] csv::Error),
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
        let header = reader.headers().map_err(LedgerError::NoHeader)?;
        let found = header.iter().collect::<Vec<_>>().join(",");
        if found != HEADER {
            return Err(LedgerError::Header { found });
        }
        let mut lines: HashMap<u64, u64> = HashMap::new();
        let mut accounts: BTreeMap<AccountId, Checked> = BTreeMap::new();
        for record in reader.records() {
            let (line, row) = row(bytes, record)?;
            let wrong = |problem| LedgerError::Row { line, problem };
            if let Some(first) = lines.insert(row.trans_id, line) {
                let problem = format!("the trans_id {} is that of line {first}", row.trans_id);
                return Err(wrong(problem));
            }
            let account = accounts.entry(AccountId(row.account_id)).or_default();
            account.add(row).map_err(wrong)?;
        }
        if lines.is_empty() {
            return Err(LedgerError::Empty);
        }
        let rows = |(account, checked): (_, Checked)| (account, checked.rows.into());
        Ok(Self {
            fingerprint: Fingerprint::of(bytes),
            rows: lines.len(),
            accounts: accounts.into_iter().map(rows).collect(),
        })
    }
}

/// More quarters than these are not printed; each takes a look at the whole store.
const MOST_QUARTERS: usize = 100;

impl Ledger {
    /// The days as of which the ledger's sums are printed: the ends of the quarters in which something was booked, and
    /// its last day. Of many, these are the latest 100.
    pub fn quarter_ends(&self) -> Vec<Date> {
        let rows = || self.accounts.values().flat_map(|rows| rows.iter());
        let Some(last) = rows().map(|row| row.date).max() else {
            return Vec::new();
        };
        let mut days: BTreeSet<Date> = rows().map(|row| row.date.quarter_end()).collect();
        days.retain(|day| *day < last);
        days.insert(last);
        days.into_iter().rev().take(MOST_QUARTERS).rev().collect()
    }

    /// The first row, in the order of accounts, whose printed balance does not follow from the one before it and its
    /// amount, within the 10 haler to which a ledger's bank may have rounded.
    pub fn contradiction(&self) -> Option<&Row> {
        self.accounts.values().find_map(|rows| {
            let mut before = 0;
            rows.iter().find(|row| {
                let due = before + i128::from(row.change());
                before = i128::from(row.balance_haler);
                due.abs_diff(before) > 10
            })
        })
    }
}

/// The rows of an account so far.
#[derive(Default)]
struct Checked {
    rows: Vec<Row>,
    balance: i64,
}

impl Checked {
    /// Adds the next row, or says what is wrong with it.
    fn add(&mut self, row: Row) -> Result<(), String> {
        let due = self.rows.len() as u64 + 1;
        if row.version != due {
            return Err(format!(
                "the row of account {} has the version {}, but {due} comes next",
                row.account_id, row.version
            ));
        }
        if row.amount_haler <= 0 {
            return Err(format!("the amount {} is not positive", row.amount_haler));
        }
        if let Some(before) = self.rows.last().filter(|before| row.date < before.date) {
            return Err(format!(
                "account {} goes back from {} to {}",
                row.account_id, before.date, row.date
            ));
        }
        let balance = self.balance.checked_add(row.change());
        self.balance = balance.ok_or_else(|| {
            format!(
                "with the amount {} account {} is beyond what can be counted",
                row.amount_haler, row.account_id
            )
        })?;
        self.rows.push(row);
        Ok(())
    }
}

/// A record of the file as a row, with its line.
fn row(bytes: &[u8], record: csv::Result<csv::StringRecord>) -> Result<(u64, Row), LedgerError> {
    let not_a_row = |error: csv::Error| LedgerError::Row {
        line: error.position().map_or(1, |at| line(bytes, at)),
        problem: problem(&error),
    };
    let record = record.map_err(not_a_row)?;
    let at = record.position().map_or(1, |at| line(bytes, at));
    let row = record.deserialize(None).map_err(not_a_row)?;
    Ok((at, row))
}

/// The line of a record, from 1. The reader places a record where the one before it ends, so empty lines that it passes
/// over come on top.
pub(crate) fn line(bytes: &[u8], at: &csv::Position) -> u64 {
    let from = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(from..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

/// What is wrong with a record, without the position that the reader gives it.
fn problem(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            let field = err.field().and_then(|field| usize::try_from(field).ok());
            let column = field.and_then(|field| HEADER.split(',').nth(field));
            let column = column.map_or_else(String::new, |column| format!("{column}: "));
            format!("not a row of a ledger: {column}{}", err.kind())
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("not a row of a ledger: it has {len} cells, and {expected_len} columns"),
        csv::ErrorKind::Utf8 { err, .. } => format!("not a row of a ledger: {err}"),
        _ => format!("not a row of a ledger: {error}"),
    }
}

//! The read models of the real ledger: killed, rebuilt, asked while they grow.

pub(crate) mod asked;
pub(crate) mod fraud;
pub(crate) mod kills;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    bank_account::{BankAccount, BankAccountEvent},
};
use eventsource_core::{Position, Read, prelude::*};
use eventsource_sqlite::SqliteStore;

use crate::ledger_of;

/// A child of which the test reads the lines that it reports.
struct Reporting {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Reporting {
    fn start(arguments: &[&str], database: &Path) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
            .args(arguments)
            .arg("--db")
            .arg(database)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("the child has no stdout")?;
        let lines = BufReader::new(stdout);
        Ok(Self { child, lines })
    }

    /// An import, which reports each row by its number after its receipt.
    fn import(data: &Path, database: &Path, more: &[&str]) -> Result<Self> {
        let ledger = ledger_of(data);
        let ledger = ledger.to_str().context("a path of text")?;
        let arguments = [&["--receipts", "--ledger", ledger], more].concat();
        Self::start(&arguments, database)
    }

    /// The next report that is one; `None` when the child has ended.
    fn next(&mut self, is_report: impl Fn(&str) -> bool) -> Result<Option<String>> {
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line)?;
            match line.strip_suffix('\n') {
                // What was cut off by a kill reports nothing.
                None => return Ok(None),
                Some(line) if is_report(line) => return Ok(Some(line.to_owned())),
                Some(_) => {}
            }
        }
    }

    /// Kills it after so many reports. Whether it had not ended before.
    fn kill_after(mut self, reports: u64, is_report: impl Fn(&str) -> bool + Copy) -> Result<bool> {
        for _ in 0..reports {
            if self.next(is_report)?.is_none() {
                break;
            }
        }
        self.child.kill()?;
        Ok(!self.child.wait()?.success())
    }

    /// Lets it end by itself.
    fn end(mut self) -> Result<()> {
        while self.next(|_| true)?.is_some() {}
        ensure!(self.child.wait()?.success(), "the child failed");
        Ok(())
    }
}

/// A child that is still there when a test fails is in nobody's way.
impl Drop for Reporting {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A row's number alone.
fn is_row(line: &str) -> bool {
    line.parse::<u64>().is_ok()
}

/// The name of a projection and a position.
fn is_position(line: &str) -> bool {
    line.split_once(' ')
        .is_some_and(|(_, position)| position.parse::<u64>().is_ok())
}

/// A movement and the row that was printed with it, as the store has them.
struct Stored {
    /// Where the printed balance stands.
    position: u64,
    trans_id: u64,
    change: i64,
    printed: i64,
}

/// The rows of each account, in order, and up to where they were read: what is stored stays as it is.
#[derive(Default)]
struct Rows {
    accounts: BTreeMap<AccountId, Vec<Stored>>,
    /// The movements whose printed balance was not read yet.
    moved: BTreeMap<AccountId, i64>,
    read_to: Option<Position>,
}

impl Rows {
    /// Reads what was stored since.
    async fn read_on(&mut self, store: &SqliteStore) -> Result<()> {
        let mut events = store.read(Read::all().after(self.read_to));
        while let Some(recorded) = events.next().await? {
            self.read_to = Some(recorded.position);
            if recorded.stream.category().as_str() != "bank.account" {
                continue;
            }
            let account = recorded.stream.aggregate_id::<BankAccount>()?;
            for event in recorded.decode::<BankAccount>()? {
                match event {
                    BankAccountEvent::Credited(event) => {
                        self.moved.insert(account, event.haler);
                    }
                    BankAccountEvent::Withdrawn(event) => {
                        self.moved.insert(account, -event.haler);
                    }
                    BankAccountEvent::BalancePrinted(printed) => {
                        let change = self.moved.remove(&account);
                        self.accounts.entry(account).or_default().push(Stored {
                            position: recorded.position.number(),
                            trans_id: printed.trans_id,
                            change: change.context("a balance is printed without a movement")?,
                            printed: printed.haler,
                        });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The rows of an account up to a position.
    fn to(&self, account: AccountId, position: Option<Position>) -> &[Stored] {
        let position = position.map_or(0, Position::number);
        let all = self.accounts.get(&account).map_or(&[][..], Vec::as_slice);
        &all[..all.partition_point(|row| row.position <= position)]
    }

    /// The last row that is stored.
    fn last(&self) -> Option<&Stored> {
        let last = self.accounts.values().filter_map(|rows| rows.last());
        last.max_by_key(|row| row.position)
    }
}

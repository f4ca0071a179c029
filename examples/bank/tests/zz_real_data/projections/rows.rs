//! The rows of the ledger, as the store has them.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    bank_account::{BankAccount, BankAccountEvent},
    ledger::Ledger,
};
use eventsource_core::{Position, Read, prelude::*};
use eventsource_sqlite::SqliteStore;

/// A movement and the row that was printed with it.
pub(super) struct Stored {
    /// Where the movement stands.
    pub(super) moved: u64,
    /// Where the printed balance stands.
    pub(super) position: u64,
    pub(super) trans_id: u64,
    pub(super) change: i64,
    pub(super) printed: i64,
}

/// The rows of each account, in order, and up to where they were read: what is stored stays as it is.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) accounts: BTreeMap<AccountId, Vec<Stored>>,
    /// Where each account was opened.
    opened: BTreeMap<AccountId, u64>,
    /// The movements whose printed balance was not read yet: where each stands, and what it changed.
    moved: HashMap<AccountId, (u64, i64)>,
    read_to: Option<Position>,
}

impl Rows {
    /// Reads what was stored since.
    pub(super) async fn read_on(&mut self, store: &SqliteStore) -> Result<()> {
        let mut events = store.read(Read::all().after(self.read_to));
        while let Some(recorded) = events.next().await? {
            self.read_to = Some(recorded.position);
            if recorded.stream.category().as_str() != "bank.account" {
                continue;
            }
            let account = recorded.stream.aggregate_id::<BankAccount>()?;
            let position = recorded.position.number();
            for event in recorded.decode::<BankAccount>()? {
                match event {
                    BankAccountEvent::Opened(_) => {
                        self.opened.insert(account, position);
                    }
                    BankAccountEvent::Credited(event) => {
                        self.moved.insert(account, (position, event.haler));
                    }
                    BankAccountEvent::Withdrawn(event) => {
                        self.moved.insert(account, (position, -event.haler));
                    }
                    BankAccountEvent::BalancePrinted(printed) => {
                        let moved = self.moved.remove(&account);
                        let (moved, change) =
                            moved.context("a balance is printed without a movement")?;
                        self.accounts.entry(account).or_default().push(Stored {
                            moved,
                            position,
                            trans_id: printed.trans_id,
                            change,
                            printed: printed.haler,
                        });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The accounts that were opened up to a position, in order.
    pub(super) fn opened_to(&self, position: u64) -> impl Iterator<Item = &AccountId> {
        let opened = self.opened.iter().filter(move |(_, at)| **at <= position);
        opened.map(|(account, _)| account)
    }

    /// The rows of an account whose balance was printed up to a position.
    pub(super) fn printed_to(&self, account: AccountId, position: u64) -> &[Stored] {
        let all = self.all_of(account);
        &all[..all.partition_point(|row| row.position <= position)]
    }

    /// The rows of an account that moved money up to a position: one more, where the position is between the movement and
    /// its printed balance.
    pub(super) fn moved_to(&self, account: AccountId, position: u64) -> &[Stored] {
        let all = self.all_of(account);
        &all[..all.partition_point(|row| row.moved <= position)]
    }

    fn all_of(&self, account: AccountId) -> &[Stored] {
        self.accounts.get(&account).map_or(&[], Vec::as_slice)
    }

    /// How many were read.
    pub(super) fn many(&self) -> u64 {
        self.accounts.values().map(|rows| rows.len() as u64).sum()
    }

    /// The last row that is stored.
    pub(super) fn last(&self) -> Option<&Stored> {
        let last = self.accounts.values().filter_map(|rows| rows.last());
        last.max_by_key(|row| row.position)
    }

    /// Makes sure that they are those of the file, all of them.
    pub(super) fn are_all_of(&self, ledger: &Ledger) -> Result<()> {
        ensure!(
            self.accounts.keys().eq(ledger.accounts.keys()),
            "these are not the accounts of the file"
        );
        let stored = self.accounts.iter();
        for ((account, stored), rows) in stored.zip(ledger.accounts.values()) {
            let of_file = rows
                .iter()
                .map(|row| (row.trans_id, row.change(), row.balance_haler));
            let stored = stored
                .iter()
                .map(|row| (row.trans_id, row.change, row.printed));
            ensure!(
                stored.eq(of_file),
                "the rows of account {} are not those of the file",
                account.0
            );
        }
        Ok(())
    }
}

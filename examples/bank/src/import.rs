//! Imports a ledger as commands: one command for each row, under a key of its own.
//!
//! Each account is opened at the day of its first row, by an append of two events (`account.opened`,
//! `overdraft.granted`); each row is an append of two more (the movement, `balance.printed`). So row n of an account
//! ends at version 2n + 2 of its stream, which is the version in the row's receipt.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result, ensure};
use eventsource_core::{AppendKey, Read, Receipt, TextError, prelude::*};

use crate::{
    account::{AccountId, Credit, Credited, Opened, Withdraw, Withdrawn},
    bank::{Bank, for_each},
    bank_account::{
        BalancePrinted, BankAccount, BankAccountEvent, Book, OpenWithOverdraft, OverdraftGranted,
    },
    date::Date,
    ledger::{Kind, Ledger, Row},
};

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The commands whose events this run stored: the rows, and the openings of the accounts.
    pub stored: u64,
    /// The commands that an earlier run had stored.
    pub already: u64,
    /// The events that this run stored.
    pub events: u64,
    /// The receipt of the command whose events stand last in the store, whichever run stored them.
    pub last: Option<Receipt>,
}

/// Counts receipts from many tasks.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    stored: AtomicU64,
    already: AtomicU64,
    events: AtomicU64,
    last: Mutex<Option<Receipt>>,
}

impl Tally {
    pub(crate) fn count(&self, receipt: &Receipt) {
        if receipt.is_first() {
            self.stored.fetch_add(1, Ordering::Relaxed);
            self.events.fetch_add(receipt.events(), Ordering::Relaxed);
        } else {
            self.already.fetch_add(1, Ordering::Relaxed);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if receipt.position() > last.as_ref().and_then(Receipt::position) {
            *last = Some(receipt.clone());
        }
    }

    pub(crate) fn total(&self) -> Imported {
        Imported {
            stored: self.stored.load(Ordering::Relaxed),
            already: self.already.load(Ordering::Relaxed),
            events: self.events.load(Ordering::Relaxed),
            last: self
                .last
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }
}

/// The key of a row: by it a second import of the row is recognised.
///
/// # Errors
///
/// Never for a row: the key is short.
pub fn row_key(trans_id: u64) -> Result<AppendKey, TextError> {
    AppendKey::new(format!("ledger:{trans_id}"))
}

/// Imports a ledger; `seen` is called with each row after its receipt has come.
///
/// # Errors
///
/// When the store fails or a row is refused. What was stored before stays, and a second import goes on from there.
pub async fn import(
    bank: &Bank,
    ledger: &Ledger,
    seen: impl Fn(&Row, &Receipt) + Send + Sync + 'static,
) -> Result<Imported> {
    let (tally, seen) = (Arc::new(Tally::default()), Arc::new(seen));
    let work = {
        let (bank, tally) = (bank.clone(), Arc::clone(&tally));
        move |(account, rows): (AccountId, Arc<[Row]>)| {
            let (bank, tally, seen) = (bank.clone(), Arc::clone(&tally), Arc::clone(&seen));
            async move {
                if let Some(first) = rows.first() {
                    tally.count(&open(&bank, account, first.date).await?);
                }
                for row in rows.iter() {
                    let booked = book(&bank, account, row).await;
                    let receipt = booked
                        .with_context(|| format!("the row of trans_id {} failed", row.trans_id))?;
                    tally.count(&receipt);
                    seen(row, &receipt);
                }
                Ok(())
            }
        }
    };
    for_each(ledger.accounts.clone(), work).await?;
    Ok(tally.total())
}

async fn open(bank: &Bank, account: AccountId, day: Date) -> Result<Receipt> {
    let context = Context::new()
        .with_key(AppendKey::new(format!("ledger:open:{}", account.0))?)
        .occurred_at(day.start());
    let opened = bank.accounts.within(context);
    let receipt = opened.execute(&account, OpenWithOverdraft).await;
    receipt.with_context(|| format!("account {} could not be opened", account.0))
}

async fn book(bank: &Bank, account: AccountId, row: &Row) -> Result<Receipt> {
    let context = Context::new()
        .with_key(row_key(row.trans_id)?)
        .occurred_at(row.date.start());
    let accounts = bank.accounts.within(context);
    let haler = row.amount_haler;
    let printed = printed(row);
    Ok(match row.kind {
        Kind::Credit => {
            let movement = Credit { haler };
            accounts.execute(&account, Book { movement, printed }).await
        }
        Kind::Debit | Kind::CashDebit => {
            let movement = Withdraw { haler };
            accounts.execute(&account, Book { movement, printed }).await
        }
    }?)
}

fn printed(row: &Row) -> BalancePrinted {
    BalancePrinted {
        trans_id: row.trans_id,
        kind: row.kind,
        operation: row.operation.clone(),
        k_symbol: row.k_symbol.clone(),
        haler: row.balance_haler,
    }
}

/// Compares the events of every account with its rows in the file, one by one; gives how many rows there are.
///
/// # Errors
///
/// With an account that differs, or when the store cannot be read.
pub async fn compare(bank: &Bank, ledger: &Ledger) -> Result<usize> {
    let work = {
        let bank = bank.clone();
        move |(account, rows): (AccountId, Arc<[Row]>)| {
            let bank = bank.clone();
            async move {
                let mut due = due(&rows);
                let stream = StreamId::of::<BankAccount>(&account)?;
                bank.each_event(Read::stream(stream), |event| {
                    for found in event.decode::<BankAccount>()? {
                        let found = (Date::of(event.occurred_at), found);
                        let due = due.next();
                        ensure!(
                            due.as_ref() == Some(&found),
                            "version {} of account {} is {found:?}, but the rows of the file say {due:?}",
                            event.version,
                            account.0
                        );
                    }
                    Ok(())
                })
                .await?;
                let missing = due.next();
                ensure!(
                    missing.is_none(),
                    "account {} ends before {missing:?}, which the rows of the file say",
                    account.0
                );
                Ok(())
            }
        }
    };
    for_each(ledger.accounts.clone(), work).await?;
    Ok(ledger.rows)
}

/// The events that the rows of an account have to be stored as, each with its day.
fn due(rows: &[Row]) -> impl Iterator<Item = (Date, BankAccountEvent)> + Send {
    let opening = rows.first().into_iter().flat_map(|row| {
        let events = [Opened.into(), OverdraftGranted.into()];
        events.map(|event| (row.date, event))
    });
    let booked = rows.iter().flat_map(|row| {
        let haler = row.amount_haler;
        let movement = match row.kind {
            Kind::Credit => Credited { haler }.into(),
            Kind::Debit | Kind::CashDebit => Withdrawn { haler }.into(),
        };
        [(row.date, movement), (row.date, printed(row).into())]
    });
    opening.chain(booked)
}

//! Runs the seeded bank: its orders as commands, and then the comparison of its books with what the store holds.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result, bail, ensure};
use eventsource_core::{Actor, AppendKey, Read, Receipt, TextError, prelude::*};

use crate::{
    account::{AccountId, Credit, Open, Withdraw},
    bank::{Bank, for_each},
    bank_account::{BankAccount, Block, Unblock, WithdrawOrDecline},
    import::{Imported, Tally},
    plan::{Book, Order, Plan, Step},
    reversal::Reversal,
};

/// Runs all orders of a plan; `seen` is called after each.
///
/// Each is under a key of its own, so that a second run stores nothing twice and decides nothing anew.
///
/// # Errors
///
/// When the store fails, or refuses what the plan's books allow.
pub async fn run(
    bank: &Bank,
    plan: &Plan,
    seen: impl Fn() + Send + Sync + 'static,
) -> Result<Imported> {
    let (tally, seen) = (Arc::new(Tally::default()), Arc::new(seen));
    let work = {
        let (bank, tally) = (bank.clone(), Arc::clone(&tally));
        move |(account, steps): (AccountId, Vec<Step>)| {
            let (bank, tally, seen) = (bank.clone(), Arc::clone(&tally), Arc::clone(&seen));
            async move {
                tally.count(&open(&bank, account).await?);
                for step in steps {
                    let done = execute(&bank, account, step).await;
                    let receipt = done.with_context(|| format!("order {} failed", step.number))?;
                    ensure!(!receipt.is_empty(), "order {} had no effect", step.number);
                    tally.count(&receipt);
                    seen();
                }
                Ok(())
            }
        }
    };
    for_each(plan.steps.clone(), work).await?;
    Ok(tally.total())
}

async fn open(bank: &Bank, account: AccountId) -> Result<Receipt> {
    let context = Context::new()
        .with_key(AppendKey::new(format!("seeded:open:{}", account.0))?)
        .occurred_at(Plan::begin())
        .by(Actor::new(Plan::customer(account))?);
    Ok(bank
        .accounts
        .within(context)
        .execute(&account, Open)
        .await?)
}

async fn execute(bank: &Bank, account: AccountId, step: Step) -> Result<Receipt> {
    let context = Context::new()
        .with_key(key(step.number)?)
        .occurred_at(step.at);
    let accounts = bank.accounts.within(context.clone());
    Ok(match step.order {
        Order::Credit(haler) => accounts.execute(&account, Credit { haler }).await?,
        Order::Withdraw(haler) => {
            let withdraw = WithdrawOrDecline(Withdraw { haler });
            accounts.execute(&account, withdraw).await?
        }
        Order::Reverse(of) => {
            let reversal = reversal(bank, of).await?;
            ensure!(
                reversal.account() == account,
                "order {of} was not one of account {}",
                account.0
            );
            reversal.execute(bank, context).await?
        }
        Order::Block => accounts.execute(&account, Block).await?,
        Order::Unblock => accounts.execute(&account, Unblock).await?,
    })
}

/// The key of an order.
fn key(number: u64) -> Result<AppendKey, TextError> {
    AppendKey::new(format!("seeded:{number}"))
}

/// The reversal of what an order did. The order's key leads to its event, and the event says what to undo.
async fn reversal(bank: &Bank, order: u64) -> Result<Reversal> {
    let receipt = bank.store.find_append(&key(order)?).await?;
    let Some([stored]) = receipt.as_ref().map(|receipt| receipt.streams.as_slice()) else {
        bail!("order {order} is not stored");
    };
    let read = Read::stream(stored.stream.clone())
        .from_version(stored.first_version)
        .to_version(stored.last_version);
    let movement = bank
        .store
        .last(read)
        .await?
        .context("a stored event is gone")?;
    Ok(Reversal::of(&movement)?)
}

/// Compares every account, reloaded from the store, with the plan's books; gives how many there are.
///
/// # Errors
///
/// With the first account that differs.
pub async fn compare(bank: &Bank, plan: &Plan) -> Result<u64> {
    let compared = Arc::new(AtomicU64::new(0));
    let work = {
        let (bank, compared) = (bank.clone(), Arc::clone(&compared));
        move |(account, book): (AccountId, Book)| {
            let (bank, compared) = (bank.clone(), Arc::clone(&compared));
            async move {
                let loaded = bank.accounts.load(&account).await?;
                let state: &BankAccount = &loaded;
                let same = state.plain.open
                    && state.plain.balance == book.balance
                    && state.blocked == book.blocked
                    && state.declined == book.declined
                    && state.reversed.len() as u64 == book.reversed
                    && Version::number(loaded.version()) == book.events;
                ensure!(
                    same,
                    "account {} is {loaded:?}, but the books say {book:?}",
                    account.0
                );
                compared.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
        }
    };
    for_each(plan.books.clone(), work).await?;
    Ok(compared.load(Ordering::Relaxed))
}

//! What a bank's store adds up to, as of a day, read from nothing but the store.

use std::{collections::HashMap, fmt, sync::Arc};

use anyhow::Result;
use eventsource_core::prelude::*;
use tokio::sync::Mutex;

use crate::{
    account::{AccountId, Credited, Withdrawn},
    bank::{Bank, for_each},
    bank_account::{BalancePrinted, BankAccount, BankAccountEvent, Reversed, WithdrawalDeclined},
    date::Date,
};

/// The bank as of the end of a day. Sums are in haler, and wide enough for any number of accounts.
///
/// The balances are folded states; credits and debits are added up from the events, on a way of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// How many movements there were.
    pub rows: u64,
    /// How many accounts were open.
    pub accounts: u64,
    /// The sum of the balances that a ledger printed.
    pub bank: i128,
    /// The sum of the folded balances.
    pub folded: i128,
    /// How far a folded balance is from the printed one, at the most.
    pub max_drift: i128,
    /// How many accounts are below zero, by the printed balance where there is one.
    pub overdrawn: u64,
    /// What came in.
    pub credits: i128,
    /// What went out.
    pub debits: i128,
}

impl Sums {
    /// The sums as of the end of a day, UTC.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn as_of(bank: &Bank, day: Date) -> Result<Self> {
        Self::at(bank, day.end()).await
    }

    /// The sums with everything that the store has.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn now(bank: &Bank) -> Result<Self> {
        Self::at(bank, Timestamp::MAX).await
    }

    async fn at(bank: &Bank, time: Timestamp) -> Result<Self> {
        let sums = Arc::new(Mutex::new(Self::default()));
        let work = {
            let (bank, sums) = (bank.clone(), Arc::clone(&sums));
            move |account: AccountId| {
                let (bank, sums) = (bank.clone(), Arc::clone(&sums));
                async move {
                    let occurred = AsOf::Occurred(time);
                    let state = bank.accounts.load_as_of(&account, occurred).await?;
                    sums.lock().await.add_account(&state);
                    Ok(())
                }
            }
        };
        for_each(bank.open_at(time).await?, work).await?;
        let mut sums = *sums.lock().await;
        let read = bank.read::<Movements>()?.occurred_to(time);
        bank.each_event(read, |event| {
            for movement in event.decode::<BankAccount>()? {
                let change = i128::from(change_of(&movement));
                sums.rows += 1;
                sums.credits += change.max(0);
                sums.debits += (-change).max(0);
            }
            Ok(())
        })
        .await?;
        Ok(sums)
    }

    fn add_account(&mut self, state: &BankAccount) {
        let folded = state.plain.balance;
        self.accounts += 1;
        self.folded += i128::from(folded);
        self.bank += i128::from(state.printed.unwrap_or(0));
        if let Some(printed) = state.printed {
            self.max_drift = self.max_drift.max(folded.abs_diff(printed).into());
        }
        self.overdrawn += u64::from(state.printed.unwrap_or(folded) < 0);
    }

    /// Whether what came in less what went out is what is there.
    pub fn balance(&self) -> bool {
        self.folded == self.credits - self.debits
    }
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows,
            accounts,
            bank,
            folded,
            max_drift,
            overdrawn,
            credits,
            debits,
        } = self;
        write!(f, "{rows} movements of {accounts} accounts")?;
        write!(f, ", balance {folded}, credits {credits}, debits {debits}")?;
        write!(
            f,
            ", {overdrawn} overdrawn, printed {bank}, drift {max_drift}"
        )
    }
}

/// How the balances that a ledger printed follow from one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    /// The last printed balance and the amount give the printed balance.
    pub exact: u64,
    /// They are off by at most 10 haler, to which this ledger's bank rounded.
    pub rounded: u64,
    /// They are off by more.
    pub wrong: u64,
}

impl Steps {
    /// The steps of all accounts.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn of(bank: &Bank) -> Result<Self> {
        let mut steps = Self::default();
        let mut balances: HashMap<AccountId, i128> = HashMap::new();
        bank.each_event(bank.read::<(Movements, BalancePrinted)>()?, |event| {
            let account = event.stream.aggregate_id::<BankAccount>()?;
            let balance = balances.entry(account).or_default();
            for event in event.decode::<BankAccount>()? {
                match event {
                    BankAccountEvent::BalancePrinted(printed) => {
                        let printed = i128::from(printed.haler);
                        match printed.abs_diff(*balance) {
                            0 => steps.exact += 1,
                            1..=10 => steps.rounded += 1,
                            _ => steps.wrong += 1,
                        }
                        *balance = printed;
                    }
                    movement => *balance += i128::from(change_of(&movement)),
                }
            }
            Ok(())
        })
        .await?;
        Ok(steps)
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            exact,
            rounded,
            wrong,
        } = self;
        write!(
            f,
            "{exact} printed balances follow exactly, {rounded} within 10 haler, {wrong} do not"
        )
    }
}

/// How many withdrawals the store has as declined.
///
/// # Errors
///
/// When the store cannot be read.
pub async fn declined(bank: &Bank) -> Result<u64> {
    let mut declined = 0;
    let read = bank.read::<WithdrawalDeclined>()?;
    bank.each_event(read, |_| {
        declined += 1;
        Ok(())
    })
    .await?;
    Ok(declined)
}

/// The events that move money.
pub(crate) type Movements = (Credited, Withdrawn, Reversed);

/// What an event does to the balance, in haler.
pub(crate) fn change_of(event: &BankAccountEvent) -> i64 {
    match event {
        BankAccountEvent::Credited(event) => event.haler,
        BankAccountEvent::Withdrawn(event) => -event.haler,
        BankAccountEvent::Reversed(event) => event.change_haler,
        BankAccountEvent::Opened(_)
        | BankAccountEvent::OverdraftGranted(_)
        | BankAccountEvent::BalancePrinted(_)
        | BankAccountEvent::Blocked(_)
        | BankAccountEvent::Unblocked(_)
        | BankAccountEvent::WithdrawalDeclined(_) => 0,
    }
}

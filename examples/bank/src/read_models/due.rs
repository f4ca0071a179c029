//! What the read models are due to say of an account, made of the store's events and of nothing else.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use eventsource_core::Recorded;

use super::fraud::rule::{Taken, Watch};
use crate::{
    account::{AccountId, Opened},
    bank::Bank,
    bank_account::{BalancePrinted, BankAccount, BankAccountEvent},
    date::Date,
    queries::{FraudCase, Transaction},
    report::{Movements, change_of},
};

/// What is due of an account.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// Who opened it.
    pub(super) owner: Option<String>,
    /// What moved, the oldest first.
    pub(super) transactions: Vec<Transaction>,
    /// What the rule finds, in the order in which it does.
    pub(super) cases: Vec<FraudCase>,
    watch: Watch,
}

impl Due {
    /// Reads what is due of each account.
    pub(super) async fn read(bank: &Bank) -> Result<BTreeMap<AccountId, Self>> {
        let mut all: BTreeMap<AccountId, Self> = BTreeMap::new();
        let read = bank.read::<(Opened, Movements, BalancePrinted)>()?;
        bank.each_event(read, |recorded| {
            let account = recorded.stream.aggregate_id::<BankAccount>()?;
            let due = all.entry(account).or_default();
            for event in recorded.decode::<BankAccount>()? {
                let added = due.add(account, recorded, &event);
                added.with_context(|| format!("account {}", account.0))?;
            }
            Ok(())
        })
        .await?;
        Ok(all)
    }

    fn add(
        &mut self,
        account: AccountId,
        recorded: &Recorded,
        event: &BankAccountEvent,
    ) -> Result<()> {
        let kind = match event {
            BankAccountEvent::Opened(_) => {
                self.owner = recorded.actor.as_ref().map(ToString::to_string);
                return Ok(());
            }
            BankAccountEvent::BalancePrinted(printed) => return self.print(recorded, printed),
            BankAccountEvent::Credited(event) => {
                self.watch.credited(event.haler);
                "credit"
            }
            BankAccountEvent::Withdrawn(event) => {
                let case = self.watch.withdrawn(Taken {
                    event: recorded.id,
                    version: recorded.version.get(),
                    day: Date::of(recorded.occurred_at),
                    haler: event.haler,
                });
                let case = case.map(|case| FraudCase { account, case });
                self.cases.extend(case);
                "withdrawal"
            }
            BankAccountEvent::Reversed(event) => {
                self.watch.reversed(event.event, event.change_haler);
                "reversal"
            }
            BankAccountEvent::OverdraftGranted(_)
            | BankAccountEvent::Blocked(_)
            | BankAccountEvent::Unblocked(_)
            | BankAccountEvent::WithdrawalDeclined(_) => bail!("nobody has asked for {event:?}"),
        };
        let haler = change_of(event);
        self.transactions.push(Transaction {
            version: recorded.version.get(),
            day: Date::of(recorded.occurred_at),
            kind: kind.to_owned(),
            haler,
            balance: self.transactions.last().map_or(0, |last| last.balance) + haler,
            trans_id: None,
            operation: None,
            k_symbol: None,
            printed: None,
        });
        Ok(())
    }

    /// What was printed beside a movement follows it in the same append.
    fn print(&mut self, recorded: &Recorded, printed: &BalancePrinted) -> Result<()> {
        let last = self.transactions.last_mut();
        let last = last.filter(|last| last.version + 1 == recorded.version.get());
        let last = last.context("a balance is printed without a movement")?;
        last.trans_id = Some(printed.trans_id);
        last.operation = Some(printed.operation.clone());
        last.k_symbol = Some(printed.k_symbol.clone());
        last.printed = Some(printed.haler);
        Ok(())
    }
}

//! The statement of one account: its movements with the balance after each.

use std::fmt;

use anyhow::{Result, ensure};
use eventsource_core::{Read, prelude::*};

use crate::{
    account::AccountId,
    bank::Bank,
    bank_account::{BankAccount, BankAccountEvent, DeclineReason},
    date::Date,
    report::change_of,
};

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The day.
    pub date: Date,
    /// What happened.
    pub what: String,
    /// What it did to the balance, in haler.
    pub change: i64,
    /// The folded balance after it, in haler.
    pub balance: i64,
    /// The balance that a ledger printed, in haler.
    pub printed: Option<i64>,
}

/// The statement of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The account.
    pub account: AccountId,
    /// Its lines, the oldest first.
    pub lines: Vec<Line>,
    /// Its state after the last line.
    pub state: BankAccount,
}

impl Statement {
    /// The statement with everything that had occurred by a time.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or there was no such account.
    pub async fn of(bank: &Bank, account: AccountId, until: Timestamp) -> Result<Self> {
        let state = bank
            .accounts
            .load_as_of(&account, AsOf::Occurred(until))
            .await?;
        ensure!(
            state.plain.open,
            "there is no account {} at that time",
            account.0
        );
        let mut lines: Vec<Line> = Vec::new();
        let mut balance = 0;
        let stream = StreamId::of::<BankAccount>(&account)?;
        let read = Read::stream(stream).occurred_to(until);
        bank.each_event(read, |event| {
            for typed in event.decode::<BankAccount>()? {
                if let (BankAccountEvent::BalancePrinted(row), Some(line)) =
                    (&typed, lines.last_mut())
                {
                    line.printed = Some(row.haler);
                    for word in [&row.operation, &row.k_symbol]
                        .into_iter()
                        .filter(|word| !word.is_empty())
                    {
                        line.what = [line.what.as_str(), word].join(" ");
                    }
                    continue;
                }
                let change = change_of(&typed);
                balance += change;
                lines.push(Line {
                    date: Date::of(event.occurred_at),
                    what: words(&typed),
                    change,
                    balance,
                    printed: None,
                });
            }
            Ok(())
        })
        .await?;
        // The lines are added up beside the state, so the two can be compared.
        ensure!(
            balance == state.plain.balance,
            "the lines of account {} add up to {balance}, but its balance is {}",
            account.0,
            state.plain.balance
        );
        Ok(Self {
            account,
            lines,
            state: state.state().clone(),
        })
    }

    /// The statement as a text, with its last `most` lines.
    pub fn last(&self, most: usize) -> impl fmt::Display + '_ {
        Last {
            statement: self,
            most,
        }
    }
}

struct Last<'a> {
    statement: &'a Statement,
    most: usize,
}

impl fmt::Display for Last<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statement {
            account,
            lines,
            state,
        } = self.statement;
        let hidden = lines.len().saturating_sub(self.most);
        let shown = lines.get(hidden..).unwrap_or_default();
        let (all, balance) = (lines.len(), state.plain.balance);
        write!(
            f,
            "statement of account {}: {} of {all} lines",
            account.0,
            shown.len()
        )?;
        for Line {
            date,
            what,
            change,
            balance,
            printed,
        } in shown
        {
            write!(f, "\n  {date} {change:>+9} {balance:>10}  {what}")?;
            if let Some(printed) = printed {
                write!(f, " (printed: {printed})")?;
            }
        }
        write!(f, "\n  balance {balance}")?;
        if let Some(printed) = state.printed {
            write!(f, ", printed {printed}")?;
        }
        if state.blocked {
            write!(f, ", blocked")?;
        }
        Ok(())
    }
}

/// An event for people.
pub(crate) fn words(event: &BankAccountEvent) -> String {
    match event {
        BankAccountEvent::Opened(_) => "opened".to_owned(),
        BankAccountEvent::Credited(_) => "credit".to_owned(),
        BankAccountEvent::Withdrawn(_) => "withdrawal".to_owned(),
        BankAccountEvent::OverdraftGranted(_) => "overdraft granted".to_owned(),
        BankAccountEvent::BalancePrinted(_) => "balance printed".to_owned(),
        BankAccountEvent::Blocked(_) => "blocked".to_owned(),
        BankAccountEvent::Unblocked(_) => "unblocked".to_owned(),
        BankAccountEvent::Reversed(event) => format!("reversal of {}", event.event),
        BankAccountEvent::WithdrawalDeclined(event) => {
            let reason = match event.reason {
                DeclineReason::InsufficientFunds => "insufficient funds",
                DeclineReason::Blocked => "the account is blocked",
            };
            format!("withdrawal of {} declined: {reason}", event.haler)
        }
    }
}

//! Undoing a movement by its opposite.
//!
//! A state does not know which account it is of, so the command alone could be executed on another account. It is
//! therefore private: what can be made is a [`Reversal`], which keeps the account, and executes the command there only.

use eventsource_core::{
    EventId, ExecuteError, Read, ReadError, Receipt, RecordedEvent, prelude::*,
};

use crate::{
    account::{AccountError, AccountId, Credit, Credited, Withdraw, Withdrawn},
    bank::Bank,
    bank_account::{BankAccount, BankAccountEvent, BankError, Reversed},
};

/// The command, without the account that it is for.
#[derive(Debug, Clone, Copy)]
struct Reverse {
    event: EventId,
    change_haler: i64,
}

impl Handle<Reverse> for BankAccount {
    fn handle(&self, command: &Reverse) -> Decision<Self> {
        let &Reverse {
            event,
            change_haler,
        } = command;
        if self.reversed.contains(&event) {
            return Err(BankError::AlreadyReversed { event });
        }
        // What is given back is a credit and what is taken back a withdrawal, allowed where these are. The bank may
        // take back its own mistake from a blocked account, too.
        let opposite = match change_haler {
            0.. => self.plain.handle(&Credit {
                haler: change_haler,
            }),
            _ => self.plain.handle(&Withdraw {
                haler: -change_haler,
            }),
        };
        match opposite {
            Err(AccountError::InsufficientFunds { .. }) if self.overdraft => {}
            Err(refusal) => return Err(refusal.into()),
            Ok(_) => {}
        }
        Ok(Reversed {
            event,
            change_haler,
        }
        .into())
    }
}

/// The reversal of one recorded movement, on the account that it moved. There is no way to direct it to another one.
#[derive(Debug, Clone)]
pub struct Reversal {
    account: AccountId,
    stream: StreamId,
    version: Version,
    command: Reverse,
}

/// Why a recorded event cannot be reversed.
#[derive(Debug, thiserror::Error)]
pub enum NotReversible {
    /// It is no event of one of the bank's accounts.
    #[error("the event {event} of the stream `{stream}` is not one of the bank's")]
    Foreign {
        /// The event.
        event: EventId,
        /// Its stream.
        stream: StreamId,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It moved no money, or is a reversal itself.
    #[error("the event {event} (`{name}`) is not a movement")]
    NoMovement {
        /// The event.
        event: EventId,
        /// Its stored name.
        name: String,
    },
}

/// Why a movement was not reversed.
#[derive(Debug, thiserror::Error)]
pub enum ReversalError {
    /// The bank has no such event where the movement was recorded: it comes from another store.
    #[error("the event {event} is not in the stream `{stream}` of this bank")]
    NotHere {
        /// The event.
        event: EventId,
        /// The stream in which it was recorded.
        stream: StreamId,
    },
    /// The movement could not be looked up.
    #[error("the movement could not be read")]
    Read(#[source] ReadError),
    /// The account refuses, or the store fails.
    #[error(transparent)]
    Execute(Box<ExecuteError<BankError>>),
}

impl Reversal {
    /// The reversal of `recorded`. It is made from a recorded movement only, so that nobody can undo what was not done.
    ///
    /// # Errors
    ///
    /// [`NotReversible`] where the event is not a movement of one of the bank's accounts.
    pub fn of(recorded: &RecordedEvent) -> Result<Self, NotReversible> {
        let event = recorded.id;
        let foreign = |source| NotReversible::Foreign {
            event,
            stream: recorded.stream.clone(),
            source,
        };
        let account = recorded
            .stream
            .aggregate_id::<BankAccount>()
            .map_err(|error| foreign(error.into()))?;
        let parts = recorded
            .decode::<BankAccount>()
            .map_err(|error| foreign(error.into()))?;
        let change_haler = match parts.as_slice() {
            [BankAccountEvent::Credited(Credited { haler })] => -haler,
            [BankAccountEvent::Withdrawn(Withdrawn { haler })] => *haler,
            _ => {
                let name = recorded.name.to_string();
                return Err(NotReversible::NoMovement { event, name });
            }
        };
        Ok(Self {
            account,
            stream: recorded.stream.clone(),
            version: recorded.version,
            command: Reverse {
                event,
                change_haler,
            },
        })
    }

    /// The account whose movement it is.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Undoes the movement on its account, where this bank has recorded it.
    ///
    /// # Errors
    ///
    /// [`ReversalError`], before anything is written where the movement is not this bank's.
    pub async fn execute(&self, bank: &Bank, context: Context) -> Result<Receipt, ReversalError> {
        let read = Read::stream(self.stream.clone())
            .from_version(self.version)
            .to_version(self.version);
        let there = match bank.store.last(read).await {
            Ok(there) => there,
            Err(ReadError::StreamNotFound { .. }) => None,
            Err(error) => return Err(ReversalError::Read(error)),
        };
        let event = self.command.event;
        if there.is_none_or(|there| there.id != event) {
            let stream = self.stream.clone();
            return Err(ReversalError::NotHere { event, stream });
        }
        let accounts = bank.accounts.within(context);
        let executed = accounts.execute(&self.account, self.command).await;
        executed.map_err(|error| ReversalError::Execute(Box::new(error)))
    }
}

#[cfg(test)]
mod tests;

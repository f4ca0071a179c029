//! The domain of these tests.

use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened {
    pub(crate) owner: Owner,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) phones: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.deposited")]
pub(crate) struct Deposited {
    pub(crate) cents: i64,
    pub(crate) channel: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.withdrawn")]
pub(crate) struct Withdrawn {
    pub(crate) cents: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.fee_charged")]
pub(crate) struct FeeCharged {
    pub(crate) cents: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.closed", version = 2, was("account.shut", before = 2))]
pub(crate) struct Closed;

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("the account is not open")]
    NotOpen,
    #[error("{missing} cents are missing")]
    InsufficientFunds { missing: i64 },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(
    name = "account",
    id = u64,
    error = AccountError,
    events(Opened, Deposited, Withdrawn, FeeCharged, Closed)
)]
pub(crate) struct Account {
    pub(crate) open: bool,
    pub(crate) cents: i64,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.open = true;
    }
}
impl Apply<Deposited> for Account {
    fn apply(&mut self, event: &Deposited) {
        self.cents += event.cents;
    }
}
impl Apply<Withdrawn> for Account {
    fn apply(&mut self, event: &Withdrawn) {
        self.cents -= event.cents;
    }
}
impl Apply<FeeCharged> for Account {
    fn apply(&mut self, event: &FeeCharged) {
        self.cents -= event.cents;
    }
}
impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {
        self.open = false;
    }
}

pub(crate) struct Deposit(pub(crate) i64);
impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        Ok(deposited(command.0).into())
    }
}

pub(crate) struct Withdraw(pub(crate) i64);
impl Handle<Withdraw> for Account {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        match self.cents - command.0 {
            _ if !self.open => Err(AccountError::NotOpen),
            ..0 => Err(AccountError::InsufficientFunds {
                missing: command.0 - self.cents,
            }),
            _ => Ok(withdrawn(command.0).into()),
        }
    }
}

/// Withdraws and charges a fee for it.
pub(crate) struct WithdrawAbroad(pub(crate) i64);
impl Handle<WithdrawAbroad> for Account {
    fn handle(&self, command: &WithdrawAbroad) -> Decision<Self> {
        Ok((withdrawn(command.0), fee(20)).into())
    }
}

pub(crate) struct Close;
impl Handle<Close> for Account {
    fn handle(&self, _: &Close) -> Decision<Self> {
        Ok(self.open.then_some(Closed).into())
    }
}

/// Does several things, each on the state that the ones before leave.
pub(crate) struct DepositThenWithdraw(pub(crate) i64, pub(crate) i64);
impl Handle<DepositThenWithdraw> for Account {
    fn handle(&self, command: &DepositThenWithdraw) -> Decision<Self> {
        let mut draft = Events::begin(self.clone());
        draft.handle(&Deposit(command.0))?;
        draft.handle(&Withdraw(command.1))?;
        Ok(draft.into())
    }
}

pub(crate) fn opened() -> Opened {
    Opened {
        owner: Owner {
            name: "ann".to_owned(),
            phones: vec!["576".to_owned()],
        },
    }
}

pub(crate) fn deposited(cents: i64) -> Deposited {
    Deposited {
        cents,
        channel: "web".to_owned(),
    }
}

pub(crate) fn withdrawn(cents: i64) -> Withdrawn {
    Withdrawn { cents }
}

pub(crate) fn fee(cents: i64) -> FeeCharged {
    FeeCharged { cents }
}

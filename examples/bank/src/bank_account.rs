//! The bank's account: a plain [`Account`] with an overdraft, blocking, reversals, and the balances a ledger printed.
//!
//! It lists the plain events beside its own, lets the plain account decide and count, and adds only what is its own.

use std::collections::BTreeSet;

use eventsource_core::{EventId, prelude::*};
use serde::{Deserialize, Serialize};

use crate::account::{
    Account, AccountError, AccountEvent, AccountId, Credit, Credited, Open, Opened, Withdraw,
    Withdrawn,
};
use crate::ledger::Kind;

/// The account may go below zero from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "overdraft.granted")]
pub struct OverdraftGranted;

/// A ledger's row is booked, with the balance that the bank printed on it. It follows the movement itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "balance.printed")]
pub struct BalancePrinted {
    /// The number of the row's transaction, unique in the ledger.
    pub trans_id: u64,
    /// Credit or debit, as the ledger has it.
    pub kind: Kind,
    /// How the money moved, as the ledger has it.
    pub operation: String,
    /// What for, as the ledger has it.
    pub k_symbol: String,
    /// The balance on the row, in haler.
    pub haler: i64,
}

/// No money may be withdrawn any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.blocked")]
pub struct Blocked;

/// Money may be withdrawn again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "account.unblocked")]
pub struct Unblocked;

/// A movement is undone by its opposite. The movement itself stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(name = "movement.reversed")]
pub struct Reversed {
    /// The event that is reversed.
    pub event: EventId,
    /// What this does to the balance: less than zero where a credit is reversed.
    pub change_haler: i64,
}

/// A withdrawal was asked for and refused, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Event)]
#[event(
    name = "withdrawal.declined",
    sample = Self { haler: 90_000, reason: DeclineReason::InsufficientFunds }
)]
pub struct WithdrawalDeclined {
    /// How much was asked for.
    pub haler: i64,
    /// Why it was refused.
    pub reason: DeclineReason,
}

/// Why a withdrawal was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// There was not enough money.
    InsufficientFunds,
    /// The account was blocked.
    Blocked,
}

/// The state of one of the bank's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "bank.account",
    id = AccountId,
    error = BankError,
    events(
        Opened, Credited, Withdrawn, OverdraftGranted, BalancePrinted, Blocked, Unblocked, Reversed,
        WithdrawalDeclined,
    ),
    event_derives(Clone, PartialEq, Eq)
)]
pub struct BankAccount {
    /// What a plain account knows: whether it is open, and the folded balance.
    pub plain: Account,
    /// Whether the balance may go below zero.
    pub overdraft: bool,
    /// The balance that a ledger printed last.
    pub printed: Option<i64>,
    /// Whether withdrawals are refused.
    pub blocked: bool,
    /// The events that are reversed.
    pub reversed: BTreeSet<EventId>,
    /// How many withdrawals were declined.
    pub declined: u64,
}

/// What happens to the plain account happens to this one.
impl<E> Apply<E> for BankAccount
where
    Account: Apply<E>,
{
    fn apply(&mut self, event: &E) {
        self.plain.apply(event);
    }
}

impl Apply<OverdraftGranted> for BankAccount {
    fn apply(&mut self, _: &OverdraftGranted) {
        self.overdraft = true;
    }
}

impl Apply<BalancePrinted> for BankAccount {
    fn apply(&mut self, event: &BalancePrinted) {
        self.printed = Some(event.haler);
    }
}

impl Apply<Blocked> for BankAccount {
    fn apply(&mut self, _: &Blocked) {
        self.blocked = true;
    }
}

impl Apply<Unblocked> for BankAccount {
    fn apply(&mut self, _: &Unblocked) {
        self.blocked = false;
    }
}

impl Apply<Reversed> for BankAccount {
    fn apply(&mut self, event: &Reversed) {
        self.plain.balance += event.change_haler;
        self.reversed.insert(event.event);
    }
}

impl Apply<WithdrawalDeclined> for BankAccount {
    fn apply(&mut self, _: &WithdrawalDeclined) {
        self.declined += 1;
    }
}

/// Why the bank refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    /// The plain account refuses.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Nothing is withdrawn from a blocked account.
    #[error("the account is blocked")]
    Blocked,
    /// What is reversed stays reversed.
    #[error("the event {event} is reversed already")]
    AlreadyReversed {
        /// The event.
        event: EventId,
    },
}

impl Handle<Open> for BankAccount {
    fn handle(&self, command: &Open) -> Decision<Self> {
        as_mine(self.plain.handle(command))
    }
}

impl Handle<Credit> for BankAccount {
    fn handle(&self, command: &Credit) -> Decision<Self> {
        as_mine(self.plain.handle(command))
    }
}

impl Handle<Withdraw> for BankAccount {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        if self.blocked {
            return Err(BankError::Blocked);
        }
        match self.plain.handle(command) {
            // An overdraft forgives this refusal and no other.
            Err(AccountError::InsufficientFunds { .. }) if self.overdraft => Ok(Withdrawn {
                haler: command.haler,
            }
            .into()),
            decision => as_mine(decision),
        }
    }
}

/// Take money out, or note for good that it was refused: asked again, the answer stays the same.
#[derive(Debug, Clone, Copy)]
pub struct WithdrawOrDecline(pub Withdraw);

impl Handle<WithdrawOrDecline> for BankAccount {
    fn handle(&self, WithdrawOrDecline(withdraw): &WithdrawOrDecline) -> Decision<Self> {
        let reason = match self.handle(withdraw) {
            Err(BankError::Blocked) => DeclineReason::Blocked,
            Err(BankError::Account(AccountError::InsufficientFunds { .. })) => {
                DeclineReason::InsufficientFunds
            }
            other => return other,
        };
        let haler = withdraw.haler;
        Ok(WithdrawalDeclined { haler, reason }.into())
    }
}

/// Open an account that may go below zero.
#[derive(Debug, Clone, Copy)]
pub struct OpenWithOverdraft;

impl Handle<OpenWithOverdraft> for BankAccount {
    fn handle(&self, _: &OpenWithOverdraft) -> Decision<Self> {
        let mut events: Events<Self> = self.handle(&Open)?;
        events.extend(OverdraftGranted);
        Ok(events)
    }
}

/// Book a ledger's row: a movement, and the balance that the bank printed after it.
#[derive(Debug, Clone)]
pub struct Book<C> {
    /// The movement: a [`Credit`] or a [`Withdraw`].
    pub movement: C,
    /// What the bank printed.
    pub printed: BalancePrinted,
}

impl<C> Handle<Book<C>> for BankAccount
where
    Self: Handle<C>,
{
    fn handle(&self, command: &Book<C>) -> Decision<Self> {
        let mut events: Events<Self> = self.handle(&command.movement)?;
        events.extend(command.printed.clone());
        Ok(events)
    }
}

/// Block the account.
#[derive(Debug, Clone, Copy)]
pub struct Block;

impl Handle<Block> for BankAccount {
    fn handle(&self, _: &Block) -> Decision<Self> {
        match (self.plain.open, self.blocked) {
            (false, _) => Err(AccountError::NotOpen.into()),
            (true, true) => Ok(Events::none()),
            (true, false) => Ok(Blocked.into()),
        }
    }
}

/// Unblock the account.
#[derive(Debug, Clone, Copy)]
pub struct Unblock;

impl Handle<Unblock> for BankAccount {
    fn handle(&self, _: &Unblock) -> Decision<Self> {
        match (self.plain.open, self.blocked) {
            (false, _) => Err(AccountError::NotOpen.into()),
            (true, false) => Ok(Events::none()),
            (true, true) => Ok(Unblocked.into()),
        }
    }
}

/// The plain account's decision as one of the bank's account: the same events, in its own list.
fn as_mine(decision: Decision<Account>) -> Decision<BankAccount> {
    let mut events = Events::none();
    for event in decision? {
        events.extend(match event {
            AccountEvent::Opened(event) => Events::<BankAccount>::from(event),
            AccountEvent::Credited(event) => event.into(),
            AccountEvent::Withdrawn(event) => event.into(),
        });
    }
    Ok(events)
}

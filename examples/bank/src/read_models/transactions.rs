//! The transactions: one row for each movement of each account.

use eventsource_core::{
    prelude::*,
    projection::{Index, Table},
};
use eventsource_sqlite::SqliteTx;

use super::one_row;
use crate::{
    account::{Credited, Opened, Withdrawn},
    bank_account::{
        BalancePrinted, BankAccount, Blocked, OverdraftGranted, Reversed, Unblocked,
        WithdrawalDeclined,
    },
    date::Date,
};

/// What moved on each account, with the balance after it, and what a ledger printed beside it.
#[derive(Debug, Clone, Copy, Projection)]
#[projection(
    name = "transactions",
    version = 1,
    transaction = SqliteTx,
    from(BankAccount),
    events(Credited, Withdrawn, Reversed, BalancePrinted),
    ignores(Opened, OverdraftGranted, Blocked, Unblocked, WithdrawalDeclined)
)]
pub struct Transactions;

impl ReadModel for Transactions {
    const TABLES: &'static [Table] = &[Table::new(
        "transactions",
        "account INTEGER NOT NULL, \
         version INTEGER NOT NULL, \
         day TEXT NOT NULL, \
         kind TEXT NOT NULL, \
         haler INTEGER NOT NULL, \
         balance INTEGER NOT NULL, \
         trans_id INTEGER, \
         operation TEXT, \
         k_symbol TEXT, \
         printed INTEGER",
    )
    .with_indexes(&[Index::new("by_account", "account, version").unique()])];
}

impl ProjectIn<SqliteTx, Credited> for Transactions {
    fn project(
        &self,
        event: &Credited,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, "credit", event.haler)
    }
}

impl ProjectIn<SqliteTx, Withdrawn> for Transactions {
    fn project(
        &self,
        event: &Withdrawn,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, "withdrawal", -event.haler)
    }
}

impl ProjectIn<SqliteTx, Reversed> for Transactions {
    fn project(
        &self,
        event: &Reversed,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, "reversal", event.change_haler)
    }
}

/// It follows its movement in the same append.
impl ProjectIn<SqliteTx, BalancePrinted> for Transactions {
    fn project(
        &self,
        event: &BalancePrinted,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let account = envelope.id::<BankAccount>()?;
        let print = format!(
            "UPDATE {} SET trans_id = ?3, operation = ?4, k_symbol = ?5, printed = ?6 \
             WHERE account = ?1 AND version = ?2 - 1",
            tx.table("transactions")?
        );
        let row = (
            account,
            envelope.version.get(),
            event.trans_id.cast_signed(),
            &event.operation,
            &event.k_symbol,
            event.haler,
        );
        one_row("movement", tx.execute(&print, row)?)
    }
}

/// Adds a movement, with the balance after it.
fn moved(
    tx: &SqliteTx,
    envelope: &Envelope<'_>,
    kind: &str,
    change: i64,
) -> Result<(), HandlerError> {
    let account = envelope.id::<BankAccount>()?;
    let transactions = tx.table("transactions")?;
    let add = format!(
        "INSERT INTO {transactions} (account, version, day, kind, haler, balance) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?5 + coalesce(\
         (SELECT balance FROM {transactions} WHERE account = ?1 ORDER BY version DESC LIMIT 1), 0)"
    );
    let day = Date::of(envelope.occurred_at);
    let row = (account, envelope.version.get(), day, kind, change);
    one_row("movement", tx.execute(&add, row)?)
}

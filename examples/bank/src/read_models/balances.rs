//! The balances: one row for each account.

use eventsource_core::{
    prelude::*,
    projection::{Index, Table},
};
use eventsource_sqlite::{SqliteTx, SqliteTxError};

use super::one_row;
use crate::{
    account::{Credited, Opened, Withdrawn},
    bank_account::{
        BalancePrinted, BankAccount, Blocked, OverdraftGranted, Reversed, Unblocked,
        WithdrawalDeclined,
    },
    date::Date,
};

/// How each account is. Its owner is whoever opened it, as the envelope says; where nobody is named, it has none.
#[derive(Debug, Clone, Copy, Projection)]
#[projection(
    name = "balances",
    version = 1,
    transaction = SqliteTx,
    from(BankAccount),
    events(
        Opened, Credited, Withdrawn, OverdraftGranted, BalancePrinted, Blocked, Unblocked, Reversed,
        WithdrawalDeclined,
    )
)]
pub struct Balances;

impl ReadModel for Balances {
    const TABLES: &'static [Table] = &[Table::new(
        "balances",
        "account INTEGER PRIMARY KEY, \
         owner TEXT, \
         haler INTEGER NOT NULL, \
         printed INTEGER, \
         overdraft INTEGER NOT NULL, \
         blocked INTEGER NOT NULL, \
         declined INTEGER NOT NULL, \
         moved_on TEXT",
    )
    .with_indexes(&[Index::new("by_owner", "owner, account")])];
}

impl ProjectIn<SqliteTx, Opened> for Balances {
    fn project(
        &self,
        _: &Opened,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let account = envelope.id::<BankAccount>()?;
        let owner = envelope.actor.as_ref().map(ToString::to_string);
        let open = format!(
            "INSERT INTO {} (account, owner, haler, overdraft, blocked, declined) VALUES (?1, ?2, 0, 0, 0, 0)",
            tx.table("balances")?
        );
        tx.execute(&open, (account, owner))?;
        Ok(())
    }
}

impl ProjectIn<SqliteTx, Credited> for Balances {
    fn project(
        &self,
        event: &Credited,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, event.haler)
    }
}

impl ProjectIn<SqliteTx, Withdrawn> for Balances {
    fn project(
        &self,
        event: &Withdrawn,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, -event.haler)
    }
}

impl ProjectIn<SqliteTx, Reversed> for Balances {
    fn project(
        &self,
        event: &Reversed,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        moved(tx, envelope, event.change_haler)
    }
}

impl ProjectIn<SqliteTx, OverdraftGranted> for Balances {
    fn project(
        &self,
        _: &OverdraftGranted,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        set(tx, envelope, "overdraft = ?2", 1)
    }
}

impl ProjectIn<SqliteTx, BalancePrinted> for Balances {
    fn project(
        &self,
        event: &BalancePrinted,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        set(tx, envelope, "printed = ?2", event.haler)
    }
}

impl ProjectIn<SqliteTx, Blocked> for Balances {
    fn project(
        &self,
        _: &Blocked,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        set(tx, envelope, "blocked = ?2", 1)
    }
}

impl ProjectIn<SqliteTx, Unblocked> for Balances {
    fn project(
        &self,
        _: &Unblocked,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        set(tx, envelope, "blocked = ?2", 0)
    }
}

impl ProjectIn<SqliteTx, WithdrawalDeclined> for Balances {
    fn project(
        &self,
        _: &WithdrawalDeclined,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        set(tx, envelope, "declined = declined + ?2", 1)
    }
}

/// Adds a movement, and its day.
fn moved(tx: &SqliteTx, envelope: &Envelope<'_>, change: i64) -> Result<(), HandlerError> {
    let account = envelope.id::<BankAccount>()?;
    let day = Date::of(envelope.occurred_at);
    let move_it = update(tx, "haler = haler + ?2, moved_on = ?3")?;
    one_row("account", tx.execute(&move_it, (account, change, day))?)
}

/// Sets one column of the account's row.
fn set(tx: &SqliteTx, envelope: &Envelope<'_>, what: &str, value: i64) -> Result<(), HandlerError> {
    let account = envelope.id::<BankAccount>()?;
    one_row("account", tx.execute(&update(tx, what)?, (account, value))?)
}

fn update(tx: &SqliteTx, what: &str) -> Result<String, SqliteTxError> {
    let balances = tx.table("balances")?;
    Ok(format!("UPDATE {balances} SET {what} WHERE account = ?1"))
}

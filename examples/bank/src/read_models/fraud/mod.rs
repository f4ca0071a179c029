//! The fraud signal: accounts that are emptied in haste, by the rule in `rule.rs`.
//!
//! What the rule has to know of an account is in tables, so that seven days go on over batches and restarts.

pub mod rule;

use std::ops::RangeInclusive;

use eventsource_core::{
    EventId,
    prelude::*,
    projection::{Index, Table},
};
use eventsource_sqlite::{SqliteRow, SqliteTx};

use self::rule::{Case, Taken, Watch};
use super::one_row;
use crate::{
    account::{AccountId, Credited, Opened, Withdrawn},
    bank_account::{
        BalancePrinted, BankAccount, Blocked, OverdraftGranted, Reversed, Unblocked,
        WithdrawalDeclined,
    },
    date::Date,
};

/// The cases that the rule finds, each with the events that make it.
#[derive(Debug, Clone, Copy, Projection)]
#[projection(
    name = "fraud",
    version = 2,
    transaction = SqliteTx,
    from(BankAccount),
    events(Opened, Credited, Withdrawn, Reversed),
    ignores(OverdraftGranted, BalancePrinted, Blocked, Unblocked, WithdrawalDeclined)
)]
pub struct Fraud;

impl ReadModel for Fraud {
    const TABLES: &'static [Table] = &[
        Table::new(
            "fraud_accounts",
            "account INTEGER PRIMARY KEY, came_in INTEGER NOT NULL",
        ),
        // Those that are part of no case. Any of them may become part of one, as withdrawals are stored in any order of days: it
        // grows with them for ever.
        Table::new(
            "fraud_open",
            "account INTEGER NOT NULL, \
             event TEXT NOT NULL, \
             version INTEGER NOT NULL, \
             day TEXT NOT NULL, \
             haler INTEGER NOT NULL, \
             PRIMARY KEY (account, event)",
        )
        .with_indexes(&[Index::new("by_day", "account, day")]),
        Table::new(
            "fraud_cases",
            "account INTEGER NOT NULL, \
             found INTEGER NOT NULL, \
             day TEXT NOT NULL, \
             came_in INTEGER NOT NULL, \
             PRIMARY KEY (account, found)",
        ),
        Table::new(
            "fraud_events",
            "account INTEGER NOT NULL, \
             version INTEGER NOT NULL, \
             found INTEGER NOT NULL, \
             event TEXT NOT NULL, \
             day TEXT NOT NULL, \
             haler INTEGER NOT NULL, \
             PRIMARY KEY (account, version)",
        ),
    ];
}

impl ProjectIn<SqliteTx, Opened> for Fraud {
    fn project(
        &self,
        _: &Opened,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let account = envelope.id::<BankAccount>()?;
        let accounts = tx.table("fraud_accounts")?;
        let open = format!("INSERT INTO {accounts} (account, came_in) VALUES (?1, 0)");
        one_row("account", tx.execute(&open, [account])?)
    }
}

impl ProjectIn<SqliteTx, Credited> for Fraud {
    fn project(
        &self,
        event: &Credited,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        watching(tx, envelope, Needs::None, |watch| {
            watch.credited(event.haler);
            None
        })
    }
}

impl ProjectIn<SqliteTx, Withdrawn> for Fraud {
    fn project(
        &self,
        event: &Withdrawn,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let day = Date::of(envelope.occurred_at);
        watching(tx, envelope, Needs::Days(rule::near(day)), |watch| {
            watch.withdrawn(Taken {
                event: envelope.id,
                version: envelope.version.get(),
                day,
                haler: event.haler,
            })
        })
    }
}

impl ProjectIn<SqliteTx, Reversed> for Fraud {
    fn project(
        &self,
        event: &Reversed,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        watching(tx, envelope, Needs::Event(event.event), |watch| {
            watch.reversed(event.event, event.change_haler);
            None
        })
    }
}

/// Which open withdrawals the rule has to know.
enum Needs {
    None,
    Days(RangeInclusive<Date>),
    Event(EventId),
}

/// Asks the rule, with what it has to know of the account, and keeps what comes of it.
fn watching(
    tx: &SqliteTx,
    envelope: &Envelope<'_>,
    needs: Needs,
    happens: impl FnOnce(&mut Watch) -> Option<Case>,
) -> Result<(), HandlerError> {
    let account = envelope.id::<BankAccount>()?;
    let before = load(tx, account, needs)?;
    let mut after = before.clone();
    let case = happens(&mut after);
    keep(tx, account, &before, &after)?;
    case.map_or(Ok(()), |case| add_case(tx, account, &case))
}

fn load(tx: &SqliteTx, account: AccountId, needs: Needs) -> Result<Watch, HandlerError> {
    let came_in = format!(
        "SELECT came_in FROM {} WHERE account = ?1",
        tx.table("fraud_accounts")?
    );
    let Some(row) = tx.query_optional(&came_in, [account])? else {
        return one_row("account", 0).map(|()| Watch::default());
    };
    let open = tx.table("fraud_open")?;
    let which = |condition: &str| {
        format!(
            "SELECT version, event, day, haler FROM {open} \
             WHERE account = ?1 AND {condition} ORDER BY version"
        )
    };
    let open = match needs {
        Needs::None => Vec::new(),
        Needs::Days(days) => {
            let (first, last) = days.into_inner();
            tx.query(&which("day BETWEEN ?2 AND ?3"), (account, first, last))?
        }
        Needs::Event(event) => tx.query(&which("event = ?2"), (account, event.to_string()))?,
    };
    Ok(Watch {
        came_in: row.get("came_in")?,
        open: open.iter().map(taken).collect::<Result<_, _>>()?,
    })
}

fn taken(row: &SqliteRow) -> Result<Taken, HandlerError> {
    let event: String = row.get("event")?;
    Ok(Taken {
        event: event.parse::<EventId>()?,
        version: row.get("version")?,
        day: row.get("day")?,
        haler: row.get("haler")?,
    })
}

/// Writes what has changed.
fn keep(
    tx: &SqliteTx,
    account: AccountId,
    before: &Watch,
    after: &Watch,
) -> Result<(), HandlerError> {
    if before.came_in != after.came_in {
        let accounts = tx.table("fraud_accounts")?;
        let change = format!("UPDATE {accounts} SET came_in = ?2 WHERE account = ?1");
        one_row("account", tx.execute(&change, (account, after.came_in))?)?;
    }
    let open = tx.table("fraud_open")?;
    let remove = format!("DELETE FROM {open} WHERE account = ?1 AND event = ?2");
    for gone in before.open.iter().filter(|one| !after.open.contains(one)) {
        let event = gone.event.to_string();
        one_row("withdrawal", tx.execute(&remove, (account, event))?)?;
    }
    let add = format!(
        "INSERT INTO {open} (account, event, version, day, haler) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    for new in after.open.iter().filter(|one| !before.open.contains(one)) {
        let event = new.event.to_string();
        tx.execute(&add, (account, event, new.version, new.day, new.haler))?;
    }
    Ok(())
}

/// A case is found at the version of its last event.
fn add_case(tx: &SqliteTx, account: AccountId, case: &Case) -> Result<(), HandlerError> {
    let Some(last) = case.taken.last() else {
        return Ok(());
    };
    let found = last.version;
    let add = format!(
        "INSERT INTO {} (account, found, day, came_in) VALUES (?1, ?2, ?3, ?4)",
        tx.table("fraud_cases")?
    );
    tx.execute(&add, (account, found, last.day, case.came_in))?;
    let add = format!(
        "INSERT INTO {} (account, version, found, event, day, haler) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        tx.table("fraud_events")?
    );
    for taken in &case.taken {
        let event = taken.event.to_string();
        let row = (account, taken.version, found, event, taken.day, taken.haler);
        tx.execute(&add, row)?;
    }
    Ok(())
}

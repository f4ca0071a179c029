//! The tables of balances and of transactions, against the rows up to where each of them is.

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    queries::{AccountsByOwner, Query as _},
};
use eventsource_core::{Position, ProjectionName};
use eventsource_sqlite::{SqliteReadError, SqliteReadModels};

use super::rows::Rows;

/// Up to where each table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) balances: u64,
    pub(super) transactions: u64,
}

/// Compares both tables with the rows. `None` where one of them is not there; the other one is compared all the same.
pub(super) async fn compare(models: &SqliteReadModels, rows: &Rows) -> Result<Option<Reached>> {
    let balances = balances(models, rows).await?;
    let transactions = transactions(models, rows).await?;
    Ok(balances
        .zip(transactions)
        .map(|(balances, transactions)| Reached {
            balances,
            transactions,
        }))
}

/// Each account that is open has its balance, which is what its movements add up to, beside the one that was printed last:
/// an event that came twice shows in the one that is added up, and in no other.
async fn balances(models: &SqliteReadModels, rows: &Rows) -> Result<Option<u64>> {
    let all = AccountsByOwner {
        owner: None,
        after: None,
        most: u32::MAX,
    };
    let found = match all.ask(models).await {
        Ok(found) => found,
        // A writer alone has begun no projection.
        Err(SqliteReadError::NoProjection { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let position = number(found.position);
    for balance in &found.answer {
        let moved = rows.moved_to(balance.account, position);
        let sum: i64 = moved.iter().map(|row| row.change).sum();
        ensure!(
            balance.haler == sum,
            "{balance:?}, but the movements up to {position} add up to {sum}"
        );
        let last = rows.printed_to(balance.account, position).last();
        let printed = last.map(|row| row.printed);
        ensure!(
            balance.printed == printed,
            "{balance:?}, but the last printed balance up to {position} is {printed:?}"
        );
    }
    let found = found.answer.iter().map(|balance| &balance.account);
    ensure!(
        found.eq(rows.opened_to(position)),
        "other accounts have balances than were opened up to {position}"
    );
    Ok(Some(position))
}

/// Each row is among the transactions once, with the balance that it led to, and nothing else is.
async fn transactions(models: &SqliteReadModels, rows: &Rows) -> Result<Option<u64>> {
    let sql = "SELECT account, version, haler, balance, trans_id, printed FROM transactions \
         ORDER BY account, version";
    let name = ProjectionName::new("transactions")?;
    let found = match models.query_as_of(&name, sql, ()).await {
        Ok(found) => found,
        Err(SqliteReadError::NoProjection { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let position = number(found.position);
    let mut answer = found.answer.iter();
    for account in rows.accounts.keys() {
        // What opens an account has the first two versions, and each row the next two.
        let (mut version, mut balance) = (1_u64, 0);
        for row in rows.moved_to(*account, position) {
            version += 2;
            balance += row.change;
            // The movement may be there, and what was printed beside it come next.
            let printed = row.position <= position;
            let due = (
                *account,
                version,
                row.change,
                balance,
                printed.then_some(row.trans_id),
                printed.then_some(row.printed),
            );
            let row = answer.next().context("a row is missing")?;
            let is = (
                row.get::<AccountId>("account")?,
                row.get::<u64>("version")?,
                row.get::<i64>("haler")?,
                row.get::<i64>("balance")?,
                row.get::<Option<u64>>("trans_id")?,
                row.get::<Option<i64>>("printed")?,
            );
            ensure!(is == due, "{is:?} stands where {due:?} belongs");
        }
    }
    let more = answer.next();
    ensure!(more.is_none(), "there are more than the rows: {more:?}");
    Ok(Some(position))
}

fn number(position: Option<Position>) -> u64 {
    position.map_or(0, Position::number)
}

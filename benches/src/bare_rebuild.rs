//! The read models of [`rebuild`](crate::rebuild) without the framework, out of one scan of the log.

use std::{error::Error, path::Path};

use rusqlite::Connection;

use crate::{
    bare::{AccountOpened, MoneyDeposited, MoneyWithdrawn},
    bare_log::{Access, Made, Whole, each},
    log::What,
    rebuild::{COLUMNS, Totals, totals_of, upsert},
};

/// As many events as a runner takes in one transaction.
const BATCH: u64 = 500;

/// What an event adds to its account: `serde_json`, struct by name.
fn amount(event: &Whole) -> Result<i64, Box<dyn Error>> {
    let payload = event.payload();
    Ok(match (&*event.six.name, event.schema_version) {
        ("account.opened", 1) => serde_json::from_slice::<AccountOpened>(payload)?.initial,
        ("money.deposited", 1) => serde_json::from_slice::<MoneyDeposited>(payload)?.amount,
        ("money.withdrawn", 1) => -serde_json::from_slice::<MoneyWithdrawn>(payload)?.amount,
        (name, version) => return Err(format!("no event {name}, version {version}").into()),
    })
}

/// In memory.
///
/// # Errors
///
/// When the file is none of ours.
pub fn in_memory(path: &Path) -> Result<Totals, Box<dyn Error>> {
    let mut totals = Totals::default();
    each(path, Access::Plain, What::All, |event: Whole| {
        totals.add(event.payload(), amount(&event)?);
        Ok(())
    })?;
    Ok(totals)
}

/// In a table of the file, by another connection than the one that reads, with an fsync for each transaction.
///
/// # Errors
///
/// When the file is none of ours, or the disk fails.
pub fn in_transactions(path: &Path) -> Result<Totals, Box<dyn Error>> {
    let writer = Connection::open(path)?;
    writer.execute_batch(&format!(
        "PRAGMA synchronous = FULL;
         DROP TABLE IF EXISTS bare_sums;
         CREATE TABLE bare_sums ({COLUMNS});
         BEGIN IMMEDIATE"
    ))?;
    let mut insert = writer.prepare(&upsert("bare_sums"))?;
    let mut waiting = 0;
    each(path, Access::Plain, What::All, |event: Whole| {
        let (_, account) = event
            .six
            .stream
            .split_once('-')
            .ok_or("no stream of ours")?;
        let bytes = i64::try_from(event.payload().len())?;
        insert.execute((account.parse::<i64>()?, bytes, amount(&event)?))?;
        waiting += 1;
        if waiting == BATCH {
            waiting = 0;
            writer.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
        }
        Ok(())
    })?;
    writer.execute_batch("COMMIT")?;
    let totals = writer.query_row(&totals_of("bare_sums"), [], |row| {
        Ok(Totals {
            events: row.get::<_, i64>(0)?.cast_unsigned(),
            bytes: row.get::<_, i64>(1)?.cast_unsigned(),
            balance: row.get(2)?,
        })
    });
    Ok(totals?)
}

//! `kill -9` of writer and projector, at moments by chance: after each, the read models are exactly what their checkpoints
//! say, and once they have caught up, what the store says.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    import::row_key,
    queries::{AccountsByOwner, Query as _},
    read_models,
};
use eventsource_core::{Position, ProjectionName, prelude::*};
use eventsource_sqlite::{SqliteReadModels, SqliteStore};
use real_data::say;

use super::{Reporting, Rows, fraud, is_position, is_row};
use crate::{common, truths::Truths};

/// Each round kills what does both once, or the writer once and the projector once or twice.
const ROUNDS: u64 = 18;

/// How often something has to be killed.
const KILLS: u64 = 30;

/// How often a projector has to be killed while it lags.
const LAGGING: u64 = 10;

/// A killed projector's lease is over soon; small batches make for many moments at which to kill it.
const PROJECTOR: [&str; 8] = [
    "projections",
    "run",
    "--until-caught-up",
    "--positions",
    "--lease",
    "300",
    "--batch",
    "5",
];

/// The projector is killed after up to so many reports. Where it has ended before them, it was not killed.
const REPORTS: u64 = 12;

/// How long it is waited for what is certain to come.
const LONG: Duration = Duration::from_secs(120);

pub(crate) fn killed(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    let part = truths.rows / (ROUNDS + 1);
    let (mut rows, mut kills, mut lagging) = (Rows::default(), 0, 0);
    for round in 0..ROUNDS {
        // Between two rounds there are rows for hundreds of such batches.
        let after = 1 + round * part + common::chance(100 + round)? % (part / 2);
        let reports = 1 + common::chance(200 + round)? % REPORTS;
        match round % 6 {
            // One process does both.
            0 => {
                let both = Reporting::import(data, &database, &[])?;
                ensure!(both.kill_after(after, is_row)?, "the import has ended");
            }
            // The projector is killed while the writer writes, and the writer later.
            1 if round > 1 => {
                let mut writer = Reporting::import(data, &database, &["--no-projections"])?;
                for _ in 0..after.saturating_sub(part / 2) {
                    writer.next(is_row)?;
                }
                let projector = Reporting::start(&PROJECTOR, &database)?;
                if projector.kill_after(reports, is_position)? {
                    kills += 1;
                    lagging += u64::from(check(&database, &mut rows).context("beside")?);
                }
                ensure!(writer.kill_after(part / 2, is_row)?, "the import has ended");
            }
            _ => {
                let writer = Reporting::import(data, &database, &["--no-projections"])?;
                ensure!(writer.kill_after(after, is_row)?, "the import has ended");
            }
        }
        kills += 1;
        check(&database, &mut rows).with_context(|| format!("writer, round {round}"))?;
        if round % 6 > 0 {
            // What the writer has left behind is more than the projector takes in before it is killed.
            let projector = Reporting::start(&PROJECTOR, &database)?;
            if projector.kill_after(reports, is_position)? {
                kills += 1;
                let lags = check(&database, &mut rows);
                lagging += u64::from(lags.with_context(|| format!("projector, round {round}"))?);
            }
        }
        caught_up(&database, &mut rows).with_context(|| format!("caught up, round {round}"))?;
    }
    Reporting::import(data, &database, &[])?.end()?;
    caught_up(&database, &mut rows)?;
    let stored: usize = rows.accounts.values().map(Vec::len).sum();
    ensure!(stored as u64 == truths.rows, "{stored} rows are stored");
    say(&format!(
        "{kills} kills, {lagging} of them of a projector that was behind"
    ));
    ensure!(kills >= KILLS, "there were only {kills} kills");
    ensure!(
        lagging >= LAGGING,
        "only {lagging} kills met a projector that was behind"
    );
    fraud::is_as_scanned(data, &database)?;
    harmed(&database, &mut rows)
}

/// What a kill could have done: each of these is found.
fn harmed(database: &Path, rows: &mut Rows) -> Result<()> {
    for harm in [
        "UPDATE balances__g1 SET printed = printed + 10 WHERE account = (SELECT max(account) FROM balances__g1)",
        "DELETE FROM balances__g1 WHERE account = (SELECT max(account) FROM balances__g1)",
        "DELETE FROM transactions__g1 WHERE rowid = 1000",
        "UPDATE transactions__g1 SET trans_id = trans_id - 1 WHERE rowid = 1000",
        // A row that came twice. A checkpoint behind its table is refused by the file itself.
        "INSERT INTO transactions__g1 (account, version, day, kind, haler, balance, trans_id, printed) \
         SELECT account, version + 1, day, kind, haler, balance, trans_id, printed \
         FROM transactions__g1 WHERE rowid = 1000",
    ] {
        let copy = database.with_extension("harmed");
        std::fs::copy(database, &copy)?;
        let raw = rusqlite::Connection::open(&copy)?;
        ensure!(raw.execute(harm, ())? == 1, "nothing is harmed by {harm}");
        raw.close().map_err(|(_, error)| error)?;
        ensure!(check(&copy, rows).is_err(), "nobody saw {harm}");
    }
    Ok(())
}

/// Compares the read models with the rows up to their checkpoints. Whether one of them is behind.
fn check(database: &Path, rows: &mut Rows) -> Result<bool> {
    common::block_on(async {
        let store = SqliteStore::open(database).await?;
        let models = store.read_models().await?;
        rows.read_on(&store).await?;
        let least = compare(&models, rows).await?;
        let is_behind = rows.last().is_some_and(|last| least < last.position);
        store.close().await;
        Ok(is_behind)
    })
}

/// Lets the projections catch up, here, and compares them with all rows.
fn caught_up(database: &Path, rows: &mut Rows) -> Result<()> {
    common::block_on(async {
        let store = SqliteStore::open(database).await?;
        let models = store.read_models().await?;
        rows.read_on(&store).await?;
        let last = rows.last().context("no row is stored")?;
        let receipt = store.find_append(&row_key(last.trans_id)?).await?;
        let receipt = receipt.context("the last row has no receipt")?;
        let runner = read_models::start(&store, read_models::settings())?;
        runner.wait_for(&receipt, LONG).await?;
        runner.stop().await;
        let reached = compare(&models, rows).await?;
        ensure!(reached >= last.position, "they end at {reached}");
        store.close().await;
        Ok(())
    })
}

/// Compares both tables with the rows up to their own checkpoints. The lesser of these.
async fn compare(models: &SqliteReadModels, rows: &Rows) -> Result<u64> {
    let all = AccountsByOwner {
        owner: None,
        after: None,
        most: u32::MAX,
    };
    let balances = match all.ask(models).await {
        Ok(balances) => balances,
        // A writer alone has begun no projection.
        Err(eventsource_sqlite::SqliteReadError::NoProjection { .. }) => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut found: BTreeMap<AccountId, i64> = BTreeMap::new();
    for balance in &balances.answer {
        let due = rows.to(balance.account, balances.position);
        let printed = due.last().map(|row| row.printed);
        ensure!(
            balance.printed == printed,
            "{balance:?}, but the last printed balance up to {:?} is {printed:?}",
            balances.position
        );
        found.extend(balance.printed.map(|printed| (balance.account, printed)));
    }
    let with_rows = |position| {
        let accounts = rows.accounts.keys();
        accounts.filter(move |account| !rows.to(**account, position).is_empty())
    };
    ensure!(
        found.keys().eq(with_rows(balances.position)),
        "other accounts have balances than have rows up to {:?}",
        balances.position
    );
    let of_transactions = transactions(models, rows, with_rows).await?;
    Ok(number(balances.position).min(of_transactions))
}

/// Each row is among the transactions once, and nothing else is. Gives their checkpoint.
async fn transactions<'a, I: Iterator<Item = &'a AccountId>>(
    models: &SqliteReadModels,
    rows: &Rows,
    with_rows: impl Fn(Option<Position>) -> I,
) -> Result<u64> {
    let sql = "SELECT account, trans_id, haler, printed FROM transactions WHERE trans_id IS NOT NULL \
         ORDER BY account, version";
    let found = models
        .query_as_of(&ProjectionName::new("transactions")?, sql, ())
        .await;
    let found = match found {
        Ok(found) => found,
        Err(eventsource_sqlite::SqliteReadError::NoProjection { .. }) => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut answer = found.answer.iter();
    for account in with_rows(found.position) {
        for due in rows.to(*account, found.position) {
            let row = answer.next().context("a row is missing")?;
            let is = (
                row.get::<AccountId>("account")?,
                row.get::<u64>("trans_id")?,
                row.get::<i64>("haler")?,
                row.get::<i64>("printed")?,
            );
            ensure!(
                is == (*account, due.trans_id, due.change, due.printed),
                "{is:?} stands where the row {} of account {} belongs",
                due.trans_id,
                account.0
            );
        }
    }
    ensure!(answer.next().is_none(), "there are more than the rows");
    Ok(number(found.position))
}

fn number(position: Option<Position>) -> u64 {
    position.map_or(0, Position::number)
}

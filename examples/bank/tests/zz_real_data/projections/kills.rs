//! `kill -9` of writer and projector, at moments by chance: after each, the read models are exactly what their checkpoints
//! say, and once they have caught up, what the store says.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use bank::{import::row_key, ledger::Ledger, read_models};
use eventsource_core::{EventStore as _, LeaseHolder, LeaseName, LeaseStore as _};
use eventsource_sqlite::SqliteStore;
use real_data::say;

use super::{
    fraud, import, is_row,
    rows::Rows,
    tables::{Reached, compare},
};
use crate::{
    common,
    harness::{
        child::{Reporting, is_position},
        harms::{Harm, each_is_found},
    },
    ledger_of,
    truths::Truths,
};

/// Each round kills what does both once, or the writer once and the projector up to twice.
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

/// How many projections there are. Each is reported once before it moves.
const PROJECTIONS: u64 = 3;

/// The projector is killed after up to so many reports. Where it has ended before them, it was not killed.
const REPORTS: u64 = 30;

/// How long it is waited for what is certain to come.
const LONG: Duration = Duration::from_secs(120);

/// What could be wrong after a kill. A checkpoint behind its table is refused by the file itself.
const HARMS: [Harm; 8] = [
    // An event came twice.
    Harm {
        sql: "UPDATE {balances} SET haler = haler + 10 WHERE account = (SELECT max(account) FROM {balances})",
        found: "add up to",
    },
    // The last movement of an account was lost.
    Harm {
        sql: "UPDATE {balances} SET haler = haler - (SELECT haler FROM {transactions} t \
              WHERE t.account = {balances}.account ORDER BY version DESC LIMIT 1) \
              WHERE account = (SELECT min(account) FROM {balances})",
        found: "add up to",
    },
    Harm {
        sql: "UPDATE {balances} SET printed = printed + 10 WHERE account = (SELECT max(account) FROM {balances})",
        found: "but the last printed balance up to",
    },
    Harm {
        sql: "DELETE FROM {balances} WHERE account = (SELECT max(account) FROM {balances})",
        found: "other accounts have balances",
    },
    Harm {
        sql: "DELETE FROM {transactions} WHERE rowid = 1000",
        found: "stands where",
    },
    Harm {
        sql: "UPDATE {transactions} SET trans_id = trans_id - 1 WHERE rowid = 1000",
        found: "stands where",
    },
    // A row came twice.
    Harm {
        sql: "INSERT INTO {transactions} (account, version, day, kind, haler, balance, trans_id, printed) \
              SELECT account, version + 1, day, kind, haler, balance, trans_id, printed \
              FROM {transactions} WHERE rowid = 1000",
        found: "stands where",
    },
    // And the last one of the last account did.
    Harm {
        sql: "INSERT INTO {transactions} (account, version, day, kind, haler, balance, trans_id, printed) \
              SELECT account, version + 2, day, kind, haler, balance, trans_id, printed \
              FROM {transactions} ORDER BY account DESC, version DESC LIMIT 1",
        found: "there are more than the rows",
    },
];

pub(crate) fn killed(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    let mut killing = Killing {
        data,
        database: &database,
        rows: Rows::default(),
        kills: 0,
        lagging: 0,
    };
    for round in 0..ROUNDS {
        // What is not stored yet is divided by the rounds that come: a writer that goes on while its projector is killed
        // stores more than its part.
        let part = (truths.rows - killing.rows.many()) / (ROUNDS - round + 1);
        let done = killing.round(round, part);
        done.with_context(|| format!("round {round}"))?;
    }
    import(data, &database, &[])?.end()?;
    killing.caught_up()?;
    let Killing {
        mut rows,
        kills,
        lagging,
        ..
    } = killing;
    let stored = rows.many();
    ensure!(stored == truths.rows, "{stored} rows are stored");
    rows.are_all_of(&Ledger::open(&ledger_of(data))?)?;
    say(&format!(
        "{kills} kills, {lagging} of them of a projector that was at work and behind"
    ));
    ensure!(kills >= KILLS, "there were only {kills} kills");
    ensure!(
        lagging >= LAGGING,
        "only {lagging} kills met a projector that was at work and behind"
    );
    fraud::is_as_stated(data, &database)?;
    each_is_found(&database, &HARMS, |path| {
        let seen = common::block_on(seen(path, &mut rows))?;
        seen.context("there are no tables").map(drop)
    })
}

/// What is found when everything is compared.
#[derive(Debug, Clone, Copy)]
struct Seen {
    reached: Reached,
    /// Where the last row stands.
    last: u64,
}

impl Seen {
    /// Whether a table has moved on since, and has not come to what was there then. A projector that was started then and is
    /// dead now was at work, and lagged when it died.
    fn has_moved_and_lags(self, then: Self) -> bool {
        [
            (then.reached.balances, self.reached.balances),
            (then.reached.transactions, self.reached.transactions),
        ]
        .iter()
        .any(|(then_at, now_at)| then_at < now_at && *now_at < then.last)
    }
}

/// Compares the read models with the rows up to their checkpoints. `None` as long as one of them is not there.
async fn seen(database: &Path, rows: &mut Rows) -> Result<Option<Seen>> {
    let store = SqliteStore::open(database).await?;
    let models = store.read_models().await?;
    rows.read_on(&store).await?;
    let reached = compare(&models, rows).await?;
    let last = rows.last().map_or(0, |last| last.position);
    store.close().await;
    Ok(reached.map(|reached| Seen { reached, last }))
}

/// A database, and what was killed that worked on it.
struct Killing<'a> {
    data: &'a Path,
    database: &'a Path,
    rows: Rows,
    /// After how many kills both tables were there, and as they have to be.
    kills: u64,
    /// How many of these were of a projector that lagged.
    lagging: u64,
}

impl Killing<'_> {
    fn round(&mut self, round: u64, part: u64) -> Result<()> {
        // An import reports what is there already, too. Each adds rows for hundreds of such batches.
        let (stored, half) = (self.rows.many(), part / 2);
        let after = stored + half + common::chance(100 + round)? % half;
        let reports = 1 + common::chance(200 + round)? % REPORTS;
        let kind = round % 6;
        match kind {
            // One process does both.
            0 => self.writer(after, &[])?,
            // The projector is killed while the writer writes, and the writer later.
            1 if round > 1 => {
                let mut writer = import(self.data, self.database, &["--no-projections"])?;
                for _ in 0..stored + half {
                    writer.next(is_row)?;
                }
                self.projector(reports).context("beside the writer")?;
                let rest = after - stored - half;
                ensure!(writer.kill_after(rest, is_row)?, "the import has ended");
                self.was_killed().context("the writer")?;
            }
            _ => self.writer(after, &["--no-projections"])?,
        }
        if round == 2 {
            let held_up = common::block_on(self.held_up());
            held_up.context("a projector that only waits")?;
        }
        if kind > 0 {
            // What the writer has left behind is more than the projector takes in before it is killed.
            self.projector(reports).context("the projector")?;
        }
        if kind > 2 {
            // The next one goes on where that one died, once its lease is over.
            let reports = 1 + common::chance(400 + round)? % REPORTS;
            self.projector(reports).context("the second projector")?;
        }
        self.caught_up().context("caught up")
    }

    /// Kills an import after so many rows.
    fn writer(&mut self, after: u64, more: &[&str]) -> Result<()> {
        let writer = import(self.data, self.database, more)?;
        ensure!(writer.kill_after(after, is_row)?, "the import has ended");
        self.was_killed().context("the writer").map(drop)
    }

    /// Kills a projector after so many reports, where it is not done before.
    fn projector(&mut self, reports: u64) -> Result<()> {
        let before = common::block_on(seen(self.database, &mut self.rows))?;
        let projector = Reporting::start(&PROJECTOR, self.database)?;
        if projector.kill_after(reports, is_position)? {
            let after = self.was_killed()?;
            let lags = before.zip(after);
            self.lagging += u64::from(lags.is_some_and(|(then, now)| now.has_moved_and_lags(then)));
        }
        Ok(())
    }

    /// Counts a kill, where there is something to be compared after it.
    fn was_killed(&mut self) -> Result<Option<Seen>> {
        let seen = common::block_on(seen(self.database, &mut self.rows))?;
        self.kills += u64::from(seen.is_some());
        Ok(seen)
    }

    /// The other side of what counts as lagging: the tables are behind, and a projector that gets no lease is killed. It has
    /// reported where they are, and has delivered nothing.
    async fn held_up(&mut self) -> Result<()> {
        let before = seen(self.database, &mut self.rows).await?;
        let store = SqliteStore::open(self.database).await?;
        let holder = LeaseHolder::new("who keeps it waiting")?;
        let mut held = Vec::new();
        for name in ["balances", "transactions", "fraud"] {
            let name = LeaseName::new(format!("projection {name}"))?;
            held.push(store.acquire_lease(&name, &holder, LONG).await?);
        }
        let projector = Reporting::start(&PROJECTOR, self.database)?;
        let killed = projector.kill_after(PROJECTIONS, is_position)?;
        ensure!(killed, "it was done");
        let after = seen(self.database, &mut self.rows).await?;
        for lease in &held {
            store.release_lease(lease).await?;
        }
        store.close().await;
        let (before, after) = before.zip(after).context("there are no tables")?;
        ensure!(
            after.reached.balances < after.last && after.reached.transactions < after.last,
            "nothing is behind: {after:?}"
        );
        ensure!(
            !after.has_moved_and_lags(before),
            "it counts as one that lagged: {before:?}, {after:?}"
        );
        Ok(())
    }

    /// Lets the projections catch up, here, and compares them with all rows.
    fn caught_up(&mut self) -> Result<()> {
        let rows = &mut self.rows;
        common::block_on(async {
            let store = SqliteStore::open(self.database).await?;
            let models = store.read_models().await?;
            rows.read_on(&store).await?;
            let last = rows.last().context("no row is stored")?;
            let receipt = store.find_append(&row_key(last.trans_id)?).await?;
            let receipt = receipt.context("the last row has no receipt")?;
            let runner = read_models::start(&store, read_models::settings())?;
            runner.wait_for(&receipt, LONG).await?;
            runner.stop().await;
            let reached = compare(&models, rows).await?;
            let reached = reached.context("a table is not there")?;
            ensure!(
                reached.balances.min(reached.transactions) >= last.position,
                "they end at {reached:?}"
            );
            store.close().await;
            Ok(())
        })
    }
}

//! Running the projections: beside an import, or alone in a process of its own.

use std::{fmt, io::Write, time::Duration};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use eventsource_core::{
    Generation, Position, ProjectionStatus, Receipt, RunSettings, RunnerHandle,
    prelude::*,
    runner::{CommandError, ProjectionState},
};
use eventsource_sqlite::{SqliteReadModels, SqliteStore};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    bank::Bank,
    read_models::{self, LEASE, Name, compare},
    report::Sums,
};

/// How often it is looked how far the projections are.
const LOOK: Duration = Duration::from_millis(10);

/// How long an import that has ended waits for its read models.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the projections are to do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Projections {
    /// Keep the read models up with the database, until this is killed
    ///
    /// Ctrl-C is a kill, and does no harm: the batch in hand is taken back, and whoever runs the projections next takes it in
    /// again. Another process that waits to do so goes on once the lease is over.
    Run {
        /// How
        #[command(flatten)]
        how: How,
        /// End once everything is taken in that the database had at the beginning
        #[arg(long)]
        until_caught_up: bool,
    },
    /// Build a read model anew, beside the one that is read until the new one has caught up
    Rebuild {
        /// Which
        #[arg(value_name = "NAME")]
        name: Name,
        /// How
        #[command(flatten)]
        how: How,
    },
}

/// On which database, and how.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct How {
    /// The database
    #[arg(long, value_name = "PATH", default_value = "bank.db")]
    pub db: std::path::PathBuf,
    /// How many milliseconds pass at the most until another process goes on, when this one is killed, as by Ctrl-C
    #[arg(long, value_name = "MILLISECONDS", default_value_t = LEASE.as_millis() as u64, value_parser = clap::value_parser!(u64).range(50..=3_600_000))]
    pub lease: u64,
    /// How many events are taken in together at the most
    #[arg(long, value_name = "NUMBER", default_value_t = read_models::settings().batch)]
    pub batch: usize,
    /// Write to stdout how far it is, first of all and whenever it has moved: the name of the projection, and a position
    #[arg(long)]
    pub positions: bool,
}

impl How {
    fn settings(&self) -> RunSettings {
        let lease = Duration::from_millis(self.lease);
        read_models::settings()
            .with_lease(lease)
            .with_batch(self.batch)
    }
}

impl Projections {
    /// How it is done.
    pub fn how(&self) -> &How {
        match self {
            Self::Run { how, .. } | Self::Rebuild { how, .. } => how,
        }
    }
}

/// Projections that run beside something else.
#[derive(Debug)]
pub struct Beside {
    runner: RunnerHandle,
    models: SqliteReadModels,
}

impl Beside {
    /// Begins.
    ///
    /// # Errors
    ///
    /// When the store cannot keep read models, or they cannot be read.
    pub async fn begin(store: &SqliteStore) -> Result<Self> {
        let models = store.read_models().await?;
        let runner = read_models::start(store, read_models::settings())?;
        Ok(Self { runner, models })
    }

    /// Waits until the read models have the last thing that was done, and compares them with the store.
    ///
    /// # Errors
    ///
    /// When a projection has stopped, or differs from the store.
    pub async fn check(
        &self,
        bank: &Bank,
        last: Option<&Receipt>,
        out: &mut (impl Write + Send),
    ) -> Result<()> {
        if let Some(last) = last {
            let visible = self.runner.wait_for(last, PATIENCE).await;
            visible.context("the read models do not have what was stored")?;
        }
        let sums = Sums::now(bank).await?;
        let same = compare(bank, &self.models, &sums).await;
        let same = same.context("the read models are not what the store says")?;
        writeln!(out, "read models: {same} are as the store has them")?;
        Ok(())
    }

    /// Stops after the batches in hand.
    pub async fn stop(self) {
        self.runner.stop().await;
    }
}

/// Does what the projections are to do.
///
/// # Errors
///
/// When a projection stops, or cannot be rebuilt.
pub async fn perform(
    store: &SqliteStore,
    what: &Projections,
    out: &mut (impl Write + Send),
) -> Result<()> {
    match what {
        Projections::Run {
            how,
            until_caught_up,
        } => run(store, how, *until_caught_up, out).await,
        Projections::Rebuild { name, how } => rebuild(store, how, *name, out).await,
    }
}

async fn run(
    store: &SqliteStore,
    how: &How,
    until_caught_up: bool,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let due = store.head().await?;
    let runner = read_models::start(store, how.settings())?;
    let (bar, mut before) = (bar(), Vec::new());
    loop {
        let status = runner.status().await?;
        let now: Vec<_> = status.iter().map(|one| one.position).collect();
        for (at, one) in status.iter().enumerate() {
            if let ProjectionState::Stopped(reason) = &one.state {
                let stopped = anyhow::Error::new(reason.clone());
                return Err(stopped.context(format!("{} has stopped", one.name)));
            }
            if how.positions && one.position.is_some() && before.get(at) != Some(&one.position) {
                report(out, &one.name, number(one.position));
            }
        }
        let least = now.iter().copied().min().flatten();
        bar.set_length(number(status.first().and_then(|one| one.head)));
        bar.set_position(number(least));
        if until_caught_up && least >= due {
            break;
        }
        before = now;
        tokio::time::sleep(LOOK).await;
    }
    bar.finish_and_clear();
    runner.stop().await;
    for one in &runner.status().await? {
        writeln!(out, "{}", words(one))?;
    }
    Ok(())
}

/// Builds one read model anew. Whoever reads it reads the old one until the switch.
async fn rebuild(
    store: &SqliteStore,
    how: &How,
    name: Name,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let runner = read_models::start_one(store, name, how.settings())?;
    let bar = bar();
    let look = async {
        let mut before = 0;
        loop {
            let status = runner.status_of_one(name.as_str()).await;
            if let Ok(Some(status)) = status {
                let built = status.rebuild.as_ref().map(|rebuild| rebuild.position);
                let built = built.map_or(0, number);
                if how.positions && built > before {
                    report(out, &name, built);
                }
                before = built;
                bar.set_length(number(status.head));
                bar.set_position(built);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let rebuilt = tokio::select! {
        rebuilt = rebuilt(&runner, name, how.settings().lease) => rebuilt,
        () = look => unreachable!("it looks for ever"),
    };
    bar.finish_and_clear();
    rebuilt.with_context(|| format!("{name} is not rebuilt, and what is read is as it was"))?;
    runner.stop().await;
    let status = runner.status_of_one(name.as_str()).await?;
    let status = status.context("it ran here")?;
    writeln!(out, "rebuilt: {}", words(&status))?;
    Ok(())
}

/// A process that was killed still has the lease for a while, which is no reason to give up.
async fn rebuilt(runner: &RunnerHandle, name: Name, lease: Duration) -> Result<()> {
    let mut waits = 2 * lease.as_millis() / LOOK.as_millis();
    loop {
        match runner.rebuild(name.as_str()).await {
            Ok(()) => return Ok(()),
            Err(CommandError::Elsewhere { .. }) if waits > 0 => waits -= 1,
            // One that was interrupted goes on by itself.
            Err(CommandError::Rebuilding { .. }) => return gone_on_with(runner, name).await,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn gone_on_with(runner: &RunnerHandle, name: Name) -> Result<()> {
    loop {
        let status = runner.status_of_one(name.as_str()).await?;
        let status = status.context("it runs here")?;
        if let ProjectionState::Stopped(reason) = status.state {
            return Err(anyhow::Error::new(reason).context("it has stopped"));
        }
        if status.rebuild.is_none() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Who reads how far it is may go away; the work goes on.
fn report(out: &mut impl Write, name: &impl fmt::Display, position: u64) {
    drop(writeln!(out, "{name} {position}"));
}

fn words(status: &ProjectionStatus) -> String {
    let generation = status.generation.map_or(0, Generation::number);
    format!(
        "{} generation {generation} is at position {}, {} behind",
        status.name,
        number(status.position),
        status.lag_events
    )
}

fn number(position: Option<Position>) -> u64 {
    position.map_or(0, Position::number)
}

/// A bar on stderr, where that is a terminal.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} position {pos} of {len}, {per_sec} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

//! What the program does, and what it prints.

use std::{io::Write, path::Path, sync::Arc, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use eventsource_core::{Receipt, prelude::*};
use eventsource_sqlite::SqliteStore;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    account::AccountId,
    answer::answer,
    ask::ask,
    bank::Bank,
    check::{self, Expected},
    cli::{Cli, Job, Question},
    date::Date,
    export::{self, export},
    import::{self, Imported, import},
    ledger::Ledger,
    plan::{Plan, Size},
    project::{self, Beside, Projections},
    report::{Steps, Sums, declined},
    seeded,
    source::{self, Origin},
    statement::Statement,
};

/// How many lines of a statement are printed at the end of a run.
const GLIMPSE: usize = 4;

/// Does what the arguments ask for, and prints to `out`.
///
/// # Errors
///
/// Whatever went wrong, in words.
pub async fn run(cli: &Cli, mut out: impl Write + Send + 'static) -> Result<()> {
    let expected = cli.check.as_deref().map(|path| {
        let file = check::open(path);
        file.with_context(|| format!("{} does not say what to expect", path.display()))
    });
    let expected = expected.transpose()?.unwrap_or_default();
    if let Some(path) = &cli.export {
        export::check_place(path, cli.database())?;
    }
    // A ledger is read and checked as a whole before a database is opened, and so before one is made.
    let work = match cli.job() {
        Job::Seeded(size) => Work::Seeded(Plan::draw(size)),
        Job::Ledger(path) => {
            let ledger = Ledger::open(&path);
            Work::Ledger(ledger.with_context(|| format!("{} is no ledger", path.display()))?)
        }
        Job::Query => {
            ensure!(
                !cli.no_projections,
                "--no-projections is about what is written, and nothing is"
            );
            ensure!(
                !cli.memory,
                "there is no bank in memory before one is run there"
            );
            if let Some(path) = cli.database() {
                is_there(path)?;
            }
            Work::Query
        }
        Job::Answer(question) => {
            is_there(&question.of().db)?;
            Work::Answer(question)
        }
        Job::Ask(question) => {
            is_there(&question.place().db)?;
            return ask(&question, &mut out).await;
        }
        Job::Project(what) => {
            is_there(&what.how().db)?;
            Work::Project(what)
        }
    };
    let Some(path) = cli.database() else {
        let store = Arc::new(MemoryStore::new());
        let bank = Bank::new(store);
        work.begin(&bank).await?;
        let performed = perform(cli, &bank, work, &expected, &mut out).await;
        return performed.map(drop);
    };
    let sqlite = SqliteStore::open(path).await;
    let sqlite = sqlite.with_context(|| format!("{} cannot be opened", path.display()))?;
    let bank = Bank::new(Arc::new(sqlite.clone()));
    let performed = match work {
        Work::Project(what) => {
            let begun = source::begun_from(&bank.store).await;
            match begun {
                Ok(_) => project::perform(&sqlite, &what, &mut out).await,
                Err(error) => Err(error.into()),
            }
        }
        work => beside(cli, (&sqlite, &bank), work, &expected, &mut out).await,
    };
    // A snapshot may be on its way; nothing is lost without it but the time of a later load.
    bank.accounts.snapshots_settled().await;
    sqlite.close().await;
    performed
}

/// Does the work, and has the projections run beside it where it writes.
async fn beside(
    cli: &Cli,
    (store, bank): (&SqliteStore, &Bank),
    work: Work,
    expected: &[Expected],
    out: &mut (impl Write + Send),
) -> Result<()> {
    // A database of another bank is left as it is.
    let writes = work.begin(bank).await?;
    if !writes || cli.no_projections {
        return perform(cli, bank, work, expected, out).await.map(drop);
    }
    let projections = Beside::begin(store).await?;
    let checked = match perform(cli, bank, work, expected, out).await {
        Ok(last) => projections.check(bank, last.as_ref(), out).await,
        Err(error) => Err(error),
    };
    projections.stop().await;
    checked
}

/// Makes sure that there is something to ask: opening the store would make a database of nothing.
fn is_there(path: &Path) -> Result<()> {
    let file = std::fs::metadata(path);
    let file = file.with_context(|| format!("there is no database {}", path.display()))?;
    ensure!(file.len() > 0, "{} is empty, no database", path.display());
    Ok(())
}

/// What is to be done, with everything read that it needs.
enum Work {
    Seeded(Plan),
    Ledger(Ledger),
    Query,
    Answer(Question),
    Project(Projections),
}

impl Work {
    /// Begins what writes, or makes sure that it goes on with its own database. Whether it writes.
    async fn begin(&self, bank: &Bank) -> Result<bool> {
        let origin = match self {
            Self::Seeded(plan) => plan.origin(),
            Self::Ledger(ledger) => Origin::Ledger {
                fingerprint: ledger.fingerprint.clone(),
                rows: ledger.rows as u64,
            },
            Self::Query | Self::Answer(_) | Self::Project(_) => return Ok(false),
        };
        source::begin(&bank.store, origin).await?;
        Ok(true)
    }
}

/// The receipt of the last thing that was written, where something was.
async fn perform(
    cli: &Cli,
    bank: &Bank,
    work: Work,
    expected: &[Expected],
    out: &mut (impl Write + Send),
) -> Result<Option<Receipt>> {
    let mut last = None;
    match work {
        Work::Seeded(plan) => last = run_seeded(cli, bank, plan, out).await?,
        Work::Ledger(ledger) => last = run_ledger(cli, bank, ledger, out).await?,
        Work::Query => query(cli, bank, out).await?,
        Work::Answer(question) => {
            source::begun_from(&bank.store).await?;
            answer(bank, &question, out).await?;
        }
        Work::Project(_) => bail!("projections are kept in a database"),
    }
    compare(bank, expected, out).await?;
    Ok(last)
}

fn place(cli: &Cli) -> String {
    let path = cli.database().map(Path::display);
    path.map_or_else(|| "memory".to_owned(), |path| path.to_string())
}

async fn run_seeded(
    cli: &Cli,
    bank: &Bank,
    plan: Plan,
    out: &mut (impl Write + Send),
) -> Result<Option<Receipt>> {
    let Size {
        seed,
        accounts,
        commands,
    } = plan.size;
    writeln!(
        out,
        "seeded bank in {}: seed {seed}, {accounts} accounts, {commands} commands",
        place(cli)
    )?;

    let (bar, begin) = (progress(commands), Instant::now());
    let tick = bar.clone();
    let done = seeded::run(bank, &plan, move || tick.inc(1)).await?;
    bar.finish_and_clear();
    figures(out, &done, begin)?;
    writeln!(
        out,
        "{} withdrawals were declined, each by an event of its own",
        declined(bank).await?
    )?;

    let sums = Sums::now(bank).await?;
    ensure!(
        sums.balance(),
        "the balances are not what came in less what went out: {sums}"
    );
    let Sums {
        folded,
        credits,
        debits,
        ..
    } = sums;
    writeln!(
        out,
        "checked from the store, in haler (100 are 1 CZK): balances {folded} = credits {credits} - debits {debits}"
    )?;
    let same = seeded::compare(bank, &plan).await?;
    writeln!(
        out,
        "{same} accounts, reloaded, are as the books kept while drawing them say"
    )?;
    for (day, expected) in &plan.sums {
        let sums = Sums::as_of(bank, *day).await?;
        ensure!(
            sums.balance() && sums.folded == i128::from(*expected),
            "as of {day} the books say {expected}, but the store has {sums}"
        );
        writeln!(out, "as of {day}: balances {expected}, as the books say")?;
    }
    glimpse(bank, plan.books.keys().next(), out).await?;
    if let Some(path) = &cli.export {
        let rows = export(bank, path).await?;
        writeln!(out, "{rows} movements are exported to {}", path.display())?;
    }
    Ok(done.last)
}

async fn run_ledger(
    cli: &Cli,
    bank: &Bank,
    ledger: Ledger,
    out: &mut (impl Write + Send),
) -> Result<Option<Receipt>> {
    let rows = ledger.rows as u64;
    writeln!(
        out,
        "ledger in {}: {rows} rows of {} accounts",
        place(cli),
        ledger.accounts.len()
    )?;

    let days = ledger.quarter_ends();
    let expected: Vec<Expected> = days.iter().map(|day| Expected::of(&ledger, *day)).collect();
    let first = ledger.accounts.keys().next().copied();
    let (bar, begin, receipts) = (progress(rows), Instant::now(), cli.receipts);
    let tick = bar.clone();
    let done = import(bank, &ledger, move |row, _| {
        if receipts {
            // Who reads the receipts may go away; the import goes on.
            drop(writeln!(std::io::stdout(), "{}", row.trans_id));
        }
        tick.inc(1);
    })
    .await?;
    bar.finish_and_clear();
    figures(out, &done, begin)?;

    let sums = Sums::now(bank).await?;
    ensure!(
        sums.balance(),
        "the balances are not what came in less what went out: {sums}"
    );
    let steps = Steps::of(bank).await?;
    writeln!(out, "{steps}")?;
    writeln!(
        out,
        "checked from the store, in haler (100 are 1 CZK), against the rows of the file:"
    )?;
    for expected in expected {
        let sums = Sums::as_of(bank, expected.day).await?;
        expected
            .compare(&sums)
            .context("the store does not hold the ledger")?;
        writeln!(out, "as of {}: {sums}", expected.day)?;
    }
    let same = import::compare(bank, &ledger)
        .await
        .context("the store does not hold the ledger")?;
    writeln!(
        out,
        "{same} rows are stored, account by account, as the file has them"
    )?;
    glimpse(bank, first.as_ref(), out).await?;
    match ledger.contradiction() {
        None => ensure!(steps.wrong == 0, "the ledger contradicts itself: {steps}"),
        Some(row) => bail!(
            "the ledger contradicts itself: {steps}; the first of them is the row of trans_id {} in account {}, which \
             prints {}",
            row.trans_id,
            row.account_id,
            row.balance_haler
        ),
    }
    Ok(done.last)
}

async fn glimpse(
    bank: &Bank,
    account: Option<&AccountId>,
    out: &mut (impl Write + Send),
) -> Result<()> {
    if let Some(account) = account {
        let statement = Statement::of(bank, *account, Timestamp::MAX).await?;
        writeln!(out, "{}", statement.last(GLIMPSE))?;
    }
    Ok(())
}

async fn query(cli: &Cli, bank: &Bank, out: &mut (impl Write + Send)) -> Result<()> {
    source::begun_from(&bank.store).await?;
    let until = cli.as_of.map_or(Timestamp::MAX, Date::end);
    match (cli.account, cli.as_of) {
        (Some(account), _) => {
            let statement = Statement::of(bank, AccountId(account), until).await?;
            writeln!(out, "{}", statement.last(usize::MAX))?;
        }
        (None, Some(day)) => writeln!(out, "as of {day}: {}", Sums::as_of(bank, day).await?)?,
        (None, None) => {}
    }
    Ok(())
}

async fn compare(bank: &Bank, expected: &[Expected], out: &mut (impl Write + Send)) -> Result<()> {
    let mut compared = 0;
    for expected in expected {
        let sums = Sums::as_of(bank, expected.day).await?;
        compared += expected
            .compare(&sums)
            .context("the store does not have what the file expects")?;
    }
    if !expected.is_empty() {
        writeln!(
            out,
            "{compared} figures of the store are as the file expects"
        )?;
    }
    Ok(())
}

fn figures(out: &mut impl Write, done: &Imported, begin: Instant) -> Result<()> {
    let seconds = begin.elapsed().as_secs_f64();
    let Imported {
        stored,
        already,
        events,
        ..
    } = done;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = (stored + already) as f64 / seconds;
    writeln!(
        out,
        "{stored} commands stored {events} events in {seconds:.1} s ({rate:.0} commands per second); {already} were there already"
    )?;
    Ok(())
}

/// A bar on stderr, where that is a terminal.
fn progress(of: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta}");
    ProgressBar::new(of).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

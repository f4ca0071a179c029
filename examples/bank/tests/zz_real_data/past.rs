//! The past of every account of the real ledger: its history against its rows, entry by entry, and its balance on every
//! day on which money was sent away.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::{AccountId, Credited, Opened, Withdrawn},
    bank::{Bank, for_each},
    bank_account::{BankAccount, BankAccountEvent, OverdraftGranted},
    date::Date,
    import::import,
    ledger::{Kind, Ledger, Row},
};
use eventsource_core::{
    AggregateEvent as _, Bound, CausationId, CorrelationId, HistoryEntry, RecordedEvent, prelude::*,
};
use eventsource_sqlite::SqliteStore;

use crate::{common::block_on, ledger_of, truths::Truths};

type Entry = HistoryEntry<BankAccount>;

/// What is checked of one account with its rows. Gives how much was compared.
async fn each_account<W>(
    data: &Path,
    work: impl Fn(Bank, AccountId, Arc<[Row]>) -> W + Clone + Send + 'static,
) -> Result<u64>
where
    W: Future<Output = Result<u64>> + Send,
{
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("ledger.db")).await?;
    let bank = Bank::new(Arc::new(store.clone()));
    let ledger = Ledger::open(&ledger_of(data))?;
    import(&bank, &ledger, |_, _| {}).await?;
    let compared = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let total = Arc::clone(&compared);
    for_each(ledger.accounts, move |(account, rows)| {
        let (work, total) = (work(bank.clone(), account, rows), Arc::clone(&total));
        async move {
            let compared = work.await;
            let compared = compared.with_context(|| format!("account {}", account.0))?;
            total.fetch_add(compared, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        }
    })
    .await?;
    store.close().await;
    Ok(compared.load(std::sync::atomic::Ordering::Relaxed))
}

/// Two entries for the opening and two for each row, in their order, with their amounts and envelopes; around each of
/// them the state that the rows add up to.
pub(crate) fn histories(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let rows = block_on(each_account(data, |bank, account, rows| async move {
        let entries = bank.accounts.history(&account).await?;
        ensure!(
            entries.len() == 2 * rows.len() + 2,
            "{} entries of {} rows",
            entries.len(),
            rows.len()
        );
        in_order(&entries)?;
        let first = rows.first().context("an account without rows")?;
        let (opening, booked) = entries.split_at(2);
        let opening_is = [Opened.into(), OverdraftGranted.into()];
        together(opening, &opening_is, first.date)?;
        for (row, booked) in rows.iter().zip(booked.chunks(2)) {
            let printed = booked.last().and_then(|entry| entry.events().first());
            let Some(BankAccountEvent::BalancePrinted(printed)) = printed else {
                anyhow::bail!("the row {} ends with {printed:?}", row.trans_id)
            };
            ensure!(
                (printed.trans_id, printed.kind, printed.haler)
                    == (row.trans_id, row.kind, row.balance_haler)
                    && printed.operation == row.operation
                    && printed.k_symbol == row.k_symbol,
                "the row {} was printed as {printed:?}",
                row.trans_id
            );
            let row_is = [movement(row), printed.clone().into()];
            together(booked, &row_is, row.date)?;
        }
        states(&bank, account, &rows).await?;
        Ok(rows.len() as u64)
    }))?;
    ensure!(rows == truths.rows, "{rows} rows were compared");
    Ok(())
}

fn movement(row: &Row) -> BankAccountEvent {
    let haler = row.amount_haler;
    match row.kind {
        Kind::Credit => Credited { haler }.into(),
        Kind::Debit | Kind::CashDebit => Withdrawn { haler }.into(),
    }
}

/// Versions from 1 without holes, positions that rise, times of the store that never fall, ids that are unique.
fn in_order(entries: &[Entry]) -> Result<()> {
    let mut ids = BTreeSet::new();
    let mut before: Option<&RecordedEvent> = None;
    for (entry, version) in entries.iter().zip(1..) {
        ensure!(
            entry.version.get() == version,
            "{} is no {version}",
            entry.version
        );
        ensure!(
            ids.insert(entry.id),
            "the event {} is there twice",
            entry.id
        );
        if let Some(before) = before {
            let rises = before.position < entry.position && before.recorded_at <= entry.recorded_at;
            ensure!(
                rises,
                "version {version} was stored before the one before it"
            );
        }
        before = Some(entry);
    }
    Ok(())
}

/// Entries of one append: what they are, and what is in the envelope of each.
fn together(entries: &[Entry], events: &[BankAccountEvent], day: Date) -> Result<()> {
    let cause = entries.first().and_then(|entry| entry.causation_id);
    ensure!(
        cause.is_some(),
        "nothing is said to have caused {entries:?}"
    );
    for (entry, event) in entries.iter().zip(events) {
        ensure!(
            entry.events() == [event.clone()],
            "{entry:?} is not {event:?}"
        );
        let schema = event.schema();
        let envelope = (entry.name.as_str(), entry.schema_version) == (schema.name, schema.version)
            && entry.stream.category().as_str() == "bank.account"
            && entry.occurred_at == day.start()
            && entry.causation_id == cause
            && entry.correlation_id.map(CorrelationId::as_uuid) == cause.map(CausationId::as_uuid)
            && entry.actor.is_none()
            && entry.metadata.iter().next().is_none()
            && entry.tags.is_empty();
        ensure!(envelope, "the envelope of {entry:?}");
    }
    Ok(())
}

/// Folded once, every row shows its printed balance, and its movement changed the balance and nothing else.
async fn states(bank: &Bank, account: AccountId, rows: &[Row]) -> Result<()> {
    let mut states = bank
        .accounts
        .history(&account)
        .since(Version::new(3))
        .states();
    let mut folded = 0;
    let mut printed = None;
    for row in rows {
        let moved = states.next().await?.context("no movement")?;
        let change = format!("plain.balance: {folded} -> {}", folded + row.change());
        let difference = moved.difference()?.to_string();
        ensure!(difference == change, "{difference}, but {change}");
        folded += row.change();
        let shown = states.next().await?.context("no printed balance")?;
        let before = shown.before.context("no state")?;
        let after = shown.after.context("no state")?;
        ensure!(
            before.printed == printed
                && after.printed == Some(row.balance_haler)
                && before.plain.balance == folded
                && after.plain.balance == folded,
            "around the row {} are {before:?} and {after:?}",
            row.trans_id
        );
        printed = after.printed;
    }
    ensure!(states.next().await?.is_none(), "more than the rows");
    Ok(())
}

/// Between any two of the days of the truths and the first and last day of the account, the rows of the history are
/// those that a filter of the file gives.
pub(crate) fn between_days(data: &Path) -> Result<()> {
    let days: Vec<Date> = Truths::open(data)?
        .as_of
        .iter()
        .map(|truth| truth.day)
        .collect();
    let compared = block_on(each_account(data, move |bank, account, rows| {
        let days = days.clone();
        async move {
            let mut compared = 0;
            let own = rows
                .first()
                .into_iter()
                .chain(rows.last())
                .map(|row| row.date);
            let days: BTreeSet<Date> = days.into_iter().chain(own).collect();
            let first = rows.first().context("an account without rows")?.date;
            let ends: Vec<Option<Date>> = [None]
                .into_iter()
                .chain(days.into_iter().map(Some))
                .collect();
            for from in &ends {
                for to in ends.iter().filter(|to| to.is_none() || from <= to) {
                    let within = |day: Date| {
                        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
                    };
                    let history = bank.accounts.history(&account);
                    let history = history
                        .between(from.map(Date::start), to.map(Date::end))
                        .await?;
                    let due = rows.iter().filter(|row| within(row.date));
                    let mut due: Vec<u64> = due
                        .flat_map(|row| [2 * row.version + 1, 2 * row.version + 2])
                        .collect();
                    if within(first) {
                        due.splice(0..0, [1, 2]);
                    }
                    let found: Vec<u64> = history.iter().map(|entry| entry.version.get()).collect();
                    ensure!(
                        found == due,
                        "from {from:?} to {to:?}: {found:?}, but {due:?}"
                    );
                    compared += due.len() as u64;
                }
            }
            Ok(compared)
        }
    }))?;
    ensure!(compared > 1_000_000, "{compared} entries were compared");
    Ok(())
}

// D29
/// As of the last microsecond before the day of each transfer to another bank, its first and its last, the balance is
/// what the rows of the file add up to: the transfer is money out from its day on, and never money in.
pub(crate) fn transfers_out(data: &Path) -> Result<()> {
    let transfers = block_on(each_account(data, |bank, account, rows| async move {
        let is_out = |row: &&Row| row.operation == "PREVOD NA UCET";
        let mut transfers = 0;
        for row in rows.iter().filter(is_out) {
            ensure!(row.change() < 0, "the file itself has {row:?}");
            let start = row.date.start();
            let until = |is_in: fn(Date, Date) -> bool| -> i64 {
                let rows = rows.iter().filter(|other| is_in(other.date, row.date));
                rows.map(Row::change).sum()
            };
            let before = until(|day, transfer| day < transfer);
            let after = until(|day, transfer| day <= transfer);
            for (time, due) in [
                (start.saturating_add_micros(-1), before),
                (start, after),
                (row.date.end(), after),
            ] {
                let state = bank
                    .accounts
                    .load_as_of(&account, AsOf::Occurred(time))
                    .await?;
                let found = state.plain.balance;
                ensure!(found == due, "as of {time}: {found}, but {due}");
            }
            let at = |version| {
                Version::new(version)
                    .map(AsOf::Version)
                    .context("a version")
            };
            let (one, other) = (at(2 * row.version)?, at(2 * row.version + 1)?);
            let one = bank.accounts.load_as_of(&account, one).await?.plain.balance;
            let other = bank
                .accounts
                .load_as_of(&account, other)
                .await?
                .plain
                .balance;
            ensure!(
                other - one == -row.amount_haler,
                "the transfer {} took the balance from {one} to {other}",
                row.trans_id
            );
            transfers += 1;
        }
        first_version(&bank, account, &rows).await?;
        Ok(transfers)
    }))?;
    ensure!(
        transfers == 6_343,
        "the file has 6343 transfers out, not {transfers}"
    );
    Ok(())
}

// D29
/// No end that includes the first version drops it.
async fn first_version(bank: &Bank, account: AccountId, rows: &[Row]) -> Result<()> {
    let first = rows.first().context("an account without rows")?.date;
    let all = 2 * rows.len() + 2;
    for end in [
        Bound::from(..),
        Version::new(0).into(),
        None::<AsOf>.into(),
        Version::FIRST.into(),
        first.start().into(),
        Timestamp::MIN.into(),
        AsOf::Recorded(Timestamp::MIN).into(),
    ] {
        let history = bank.accounts.history(&account).since(end).await?;
        let begins = history.first().map(|entry| entry.version);
        ensure!(
            begins == Some(Version::FIRST) && history.len() == all,
            "since {end:?} the history begins at {begins:?} and has {} of {all} entries",
            history.len()
        );
    }
    let one = bank
        .accounts
        .history(&account)
        .until(Version::FIRST)
        .await?;
    ensure!(
        one.len() == 1,
        "up to the first version there are {}",
        one.len()
    );
    let late = bank.accounts.history(&account);
    let late = late.since(first.start().saturating_add_micros(1)).await?;
    let due = rows.iter().filter(|row| row.date > first).count() * 2;
    ensure!(
        late.len() == due,
        "after the first day there are {} of {due}",
        late.len()
    );
    Ok(())
}

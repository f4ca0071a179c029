//! Answers to questions about the past of one account.

use std::io::Write;

use anyhow::{Result, ensure};
use eventsource_core::{RecordedEvent, prelude::*};

use crate::{
    account::AccountId,
    bank::Bank,
    bank_account::{BankAccount, BankAccountEvent},
    cli::{Of, Question},
    point::Point,
    report::change_of,
    statement::words,
};

/// Prints the answer to a question.
///
/// # Errors
///
/// When the store cannot be read, there is no such account, or the question has no answer.
pub async fn answer(bank: &Bank, question: &Question, out: &mut (impl Write + Send)) -> Result<()> {
    let of = question.of();
    let account = AccountId(of.account);
    let stream = StreamId::of::<BankAccount>(&account)?;
    let last = bank.store.stream_version(&stream).await?;
    ensure!(last.is_some(), "there is no account {}", of.account);
    match question {
        Question::Balance { as_of, .. } => {
            has_times(of, &[*as_of])?;
            balance(bank, of, *as_of, out).await
        }
        Question::History { from, to, .. } => {
            has_times(of, &[*from, *to])?;
            history(bank, of, *from, *to, out).await
        }
        Question::Difference { before, after, .. } => {
            has_times(of, &[Some(*before), *after])?;
            difference(bank, of, *before, *after, out).await
        }
    }
}

/// Makes sure that `--recorded` says something.
fn has_times(of: &Of, points: &[Option<Point>]) -> Result<()> {
    let has_times = points.iter().flatten().any(|point| point.is_time());
    ensure!(
        has_times || !of.recorded,
        "--recorded is about days and times, and none is given"
    );
    Ok(())
}

/// The present, unless a point is given.
fn end(point: Option<Point>, recorded: bool) -> AsOf {
    point.map_or(AsOf::Occurred(Timestamp::MAX), |point| point.end(recorded))
}

async fn balance(
    bank: &Bank,
    of: &Of,
    as_of: Option<Point>,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let account = AccountId(of.account);
    let state = bank.accounts.load_as_of(&account, end(as_of, of.recorded));
    let state = state.await?;
    let point = as_of.map_or_else(|| "now".to_owned(), |point| format!("as of {point}"));
    ensure!(
        state.plain.open,
        "there is no account {} {point}",
        of.account
    );
    write!(
        out,
        "account {} {point}: balance {} haler",
        of.account, state.plain.balance
    )?;
    if let Some(printed) = state.printed {
        write!(out, ", printed {printed}")?;
    }
    if state.blocked {
        write!(out, ", blocked")?;
    }
    let version = Version::number(state.version());
    writeln!(out, " (v{version} of its history)")?;
    Ok(())
}

async fn history(
    bank: &Bank,
    of: &Of,
    from: Option<Point>,
    to: Option<Point>,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let from = from.map(|point| point.begin(of.recorded));
    let to = to.map(|point| point.end(of.recorded));
    let history = bank.accounts.history(&AccountId(of.account));
    let mut states = history.between(from, to).states();
    writeln!(out, "history of account {}, in haler:", of.account)?;
    let mut events = 0_u64;
    while let Some(change) = states.next().await? {
        events += 1;
        let entry = change.entry;
        let balance = |state: Option<&BankAccount>| state.map_or(0, |state| state.plain.balance);
        writeln!(
            out,
            "  v{} {} {}, balance {}",
            entry.version,
            entry.occurred_at,
            happened(entry.events()),
            balance(change.after)
        )?;
        writeln!(out, "     {}", envelope(entry))?;
    }
    let noun = if events == 1 { "event" } else { "events" };
    writeln!(out, "{events} {noun}")?;
    Ok(())
}

/// What a stored event is today, in words. It is none where it was dropped.
fn happened(events: &[BankAccountEvent]) -> String {
    let words = events.iter().map(|event| match change_of(event) {
        0 => words(event),
        change => format!("{} {change:+}", words(event)),
    });
    let words: Vec<_> = words.collect();
    if words.is_empty() {
        return "nothing any more".to_owned();
    }
    words.join(", ")
}

/// Who, why and when, as it was stored.
fn envelope(event: &RecordedEvent) -> String {
    let mut text = format!(
        "stored as {} (schema version {}) at position {}, recorded {}, event {}",
        event.name, event.schema_version, event.position, event.recorded_at, event.id
    );
    let mut add = |what: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(", ");
            text.push_str(what);
            text.push_str(&value);
        }
    };
    add("by ", event.actor.as_ref().map(ToString::to_string));
    add("caused by ", event.causation_id.map(|id| id.to_string()));
    add(
        "in conversation ",
        event.correlation_id.map(|id| id.to_string()),
    );
    for (key, value) in event.metadata.iter() {
        add(&format!("{key} = "), Some(value.to_string()));
    }
    for tag in &event.tags {
        add("tagged ", Some(tag.to_string()));
    }
    text
}

async fn difference(
    bank: &Bank,
    of: &Of,
    before: Point,
    after: Option<Point>,
    out: &mut (impl Write + Send),
) -> Result<()> {
    let (first, second) = (before.end(of.recorded), end(after, of.recorded));
    let account = AccountId(of.account);
    let difference = bank.accounts.difference(&account, first, second).await?;
    let after = after.map_or_else(|| "now".to_owned(), |point| point.to_string());
    writeln!(out, "account {} from {before} to {after}:", of.account)?;
    for line in difference.to_string().lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

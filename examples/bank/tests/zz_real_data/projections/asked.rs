//! Questions from another process while the import runs and the read models grow.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use bank::{
    account::AccountId,
    queries::{Balance, Query as _, Transaction, TransactionsPage},
};
use eventsource_core::Position;
use eventsource_sqlite::{SqliteReadError, SqliteReadModels, SqliteStore};
use real_data::say;

use super::{import, is_row, rows::Rows};
use crate::{common, truths::Truths};

/// How often it is asked, evenly over the import.
const ASKED: u64 = 60;

/// What was answered, and as of which position.
struct Answer {
    what: &'static str,
    account: AccountId,
    position: Option<Position>,
    /// The movements, where they are counted.
    rows: Option<usize>,
    haler: i64,
}

/// This process asks the read models, and so does the program; the import does not know of either. What each answer should
/// have been is found out afterwards, from the events up to the position that the answer names.
pub(crate) fn answered(data: &Path) -> Result<()> {
    let truths = Truths::open(data)?;
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    let mut writer = import(data, &database, &[])?;
    let mut answers = Vec::new();
    let mut busiest = Vec::new();
    for turn in 0..ASKED {
        for _ in 0..truths.rows / (ASKED + 1) {
            writer.next(is_row)?.context("the import has ended")?;
        }
        common::block_on(async {
            let models = SqliteReadModels::open(&database).await?;
            if busiest.is_empty() {
                busiest = some_accounts(&models).await?;
            }
            for account in &busiest {
                ask(&models, *account, &mut answers).await?;
            }
            Ok(())
        })?;
        if let Some(account) = busiest.first().filter(|_| turn % 10 == 5) {
            answers.push(asked_by_program(&database, *account)?);
        }
    }
    writer.end()?;

    let mut rows = Rows::default();
    common::block_on(async {
        let store = SqliteStore::open(&database).await?;
        rows.read_on(&store).await?;
        store.close().await;
        Ok(())
    })?;
    let mut grown = std::collections::BTreeSet::new();
    for answer in &answers {
        let Answer {
            what,
            account,
            position,
            ..
        } = answer;
        // A movement may be in it whose printed balance comes next.
        let due = rows.moved_to(*account, position.map_or(0, Position::number));
        let (many, sum) = (due.len(), due.iter().map(|row| row.change).sum::<i64>());
        ensure!(
            answer.haler == sum && answer.rows.is_none_or(|rows| rows == many),
            "the {what} of account {} as of {position:?} was {} of {:?} rows, and not {sum} of {many}",
            account.0,
            answer.haler,
            answer.rows
        );
        grown.insert(*position);
    }
    let (many, positions) = (answers.len(), grown.len());
    say(&format!("{many} answers as of {positions} positions"));
    ensure!(many >= 100 && positions >= 20, "that shows little");
    Ok(())
}

/// Accounts that are open; none as long as there are none.
async fn some_accounts(models: &SqliteReadModels) -> Result<Vec<AccountId>> {
    let sql = "SELECT account FROM balances ORDER BY account LIMIT 5";
    match models.query(sql, ()).await {
        Ok(rows) => Ok(rows
            .iter()
            .map(|row| row.get("account"))
            .collect::<Result<_, _>>()?),
        // The table is made when the projection begins.
        Err(SqliteReadError::Sql { .. } | SqliteReadError::Refused { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    models: &SqliteReadModels,
    account: AccountId,
    answers: &mut Vec<Answer>,
) -> Result<()> {
    let balance = Balance { account }.ask(models).await?;
    let found = balance.answer.context("an account has gone")?;
    answers.push(Answer {
        what: "balance",
        account,
        position: balance.position,
        rows: None,
        haler: found.haler,
    });
    let page = TransactionsPage {
        account,
        after: None,
        most: u32::MAX,
    };
    let page = page.ask(models).await;
    // It begins by itself, and may come later than the balances.
    if let Err(SqliteReadError::NoProjection { .. }) = page {
        return Ok(());
    }
    let page = page?;
    let transactions = page.answer.transactions;
    answers.push(Answer {
        what: "history",
        account,
        position: page.position,
        rows: Some(transactions.len()),
        haler: add_up(&transactions).context("the balances of a page do not follow")?,
    });
    Ok(())
}

/// What transactions add up to, the newest first; `None` where a balance does not follow from the one before it.
fn add_up(transactions: &[Transaction]) -> Option<i64> {
    transactions.iter().rev().try_fold(0_i64, |before, next| {
        let after = before.checked_add(next.haler)?;
        (after == next.balance).then_some(after)
    })
}

fn asked_by_program(database: &Path, account: AccountId) -> Result<Answer> {
    let output = Command::new(env!("CARGO_BIN_EXE_bank"))
        .args([
            "ask",
            "balance",
            "--account",
            &account.0.to_string(),
            "--db",
        ])
        .arg(database)
        .output()?;
    let printed = String::from_utf8(output.stdout)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{printed}{errors}");
    let number = |before: &str, after: &str| {
        let rest = printed.split_once(before).map(|(_, rest)| rest);
        let number = rest.and_then(|rest| rest.split(after).next());
        number.and_then(|number| number.parse::<i64>().ok())
    };
    let position = number("as of position ", "\n").context("no position")?;
    Ok(Answer {
        what: "printed balance",
        account,
        position: Position::from_number(position.unsigned_abs()),
        rows: None,
        haler: number(": balance ", " haler").context("no balance")?,
    })
}

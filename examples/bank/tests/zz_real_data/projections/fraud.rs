//! The fraud signal beside the rows of the file, which share nothing with the projection. What the rule says of them is stated, and
//! not done once more: see `stated`, and `fraud_rule` for accounts that are drawn.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, ensure};
use bank::queries::{FraudCase, FraudCases, Query as _};
use eventsource_sqlite::SqliteReadModels;
use real_data::say;

use super::import;
use crate::{
    common,
    harness::{
        child::{Reporting, is_position},
        harms::{Harm, each_is_found},
    },
    ledger_of,
    stated::{Found, Row, are_the_cases},
};

/// The days of a month are counted as they come in the years of the ledger, neither of which is a leap year.
fn day(text: &str) -> Result<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let parts: Vec<i64> = text.split('-').map(str::parse).collect::<Result<_, _>>()?;
    let [year @ (1993 | 1994), month @ 1..=12, day] = parts[..] else {
        anyhow::bail!("{text} is no day of the ledger");
    };
    Ok(year * 365 + BEFORE[usize::try_from(month - 1)?] + day)
}

/// The rows of each account, from the lines of a file.
fn rows(text: &str) -> Result<BTreeMap<u64, Vec<Row>>> {
    let mut accounts: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let amount: i64 = cells[7].parse()?;
        accounts.entry(cells[0].parse()?).or_default().push(Row {
            number: cells[1].parse()?,
            day: day(cells[2])?,
            change: if cells[4] == "PRIJEM" {
                amount
            } else {
                -amount
            },
        });
    }
    Ok(accounts)
}

/// Looks at the cases that the read model has beside the rows of the file; gives how many there are.
pub(super) fn is_as_stated(data: &Path, database: &Path) -> Result<usize> {
    let accounts = rows(&std::fs::read_to_string(ledger_of(data))?)?;
    let all = common::block_on(async {
        let models = SqliteReadModels::open(database).await?;
        let all = FraudCases {
            account: None,
            most: u32::MAX,
        };
        Ok(all.ask(&models).await?.answer)
    })?;
    let many = all.len();
    let mut found: BTreeMap<u64, Vec<Found>> = BTreeMap::new();
    for FraudCase { account, case } in all {
        // The movement of row n stands at version 2n + 1.
        let rows = case.taken.iter().map(|taken| (taken.version - 1) / 2);
        found.entry(account.0).or_default().push(Found {
            rows: rows.collect(),
            came_in: case.came_in,
        });
    }
    for (account, rows) in &accounts {
        let cases = found.remove(account).unwrap_or_default();
        are_the_cases(rows, &cases).with_context(|| format!("account {account}"))?;
    }
    ensure!(found.is_empty(), "{found:?} are of no account of the file");
    ensure!(
        (20..=200).contains(&many),
        "there are {many} cases, which shows little"
    );
    Ok(many)
}

/// Each of these is found.
const HARMS: [Harm; 3] = [
    Harm {
        sql: "DELETE FROM {fraud_cases} WHERE rowid = 7",
        found: "are no case",
    },
    Harm {
        sql: "UPDATE {fraud_cases} SET came_in = came_in + 1 WHERE rowid = 7",
        found: "had come in",
    },
    // An event of a case makes another case.
    Harm {
        sql: "INSERT INTO {fraud_cases} SELECT account, found - 2, day, came_in FROM {fraud_cases} WHERE rowid = 7; \
              UPDATE {fraud_events} SET found = found - 2 WHERE rowid = (SELECT min(e.rowid) FROM {fraud_events} e \
              JOIN {fraud_cases} c USING (account, found) WHERE c.rowid = 7)",
        found: "three are a case",
    },
];

/// Beside an import; rebuilt; and rebuilt by a process that is killed in the middle, and by the next one.
pub(crate) fn found(data: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    import(data, &database, &[])?.end()?;
    let many = is_as_stated(data, &database).context("beside the import")?;
    say(&format!("{many} cases in the file"));
    let rebuild = [
        "projections",
        "rebuild",
        "fraud",
        "--positions",
        "--lease",
        "300",
    ];
    Reporting::start(&rebuild, &database)?.end()?;
    is_as_stated(data, &database).context("rebuilt")?;
    let slowly = [&rebuild[..], &["--batch", "50"]].concat();
    let reports = 1 + common::chance(300)? % 20;
    let rebuilding = Reporting::start(&slowly, &database)?;
    ensure!(
        rebuilding.kill_after(reports, is_position)?,
        "it was rebuilt before it was killed"
    );
    is_as_stated(data, &database).context("what is read while it is rebuilt")?;
    Reporting::start(&rebuild, &database)?.end()?;
    is_as_stated(data, &database).context("rebuilt after a kill")?;
    each_is_found(&database, &HARMS, |path| is_as_stated(data, path).map(drop))
}

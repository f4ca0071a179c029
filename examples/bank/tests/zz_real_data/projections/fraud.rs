//! The fraud signal against a scan of the file, which shares nothing with the projection but its rule in words: within seven
//! days, three or more withdrawals together took more than a third of all that had ever come in. A withdrawal counts on its day,
//! wherever its line is; a case is made of all of its seven days that are part of no other, and of the earliest seven days.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use bank::queries::{FraudCases, Query as _};
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
};

/// An account, and the rows of its case by their numbers within the account, with what had come in by then.
type Case = (u64, Vec<u64>, i64);

/// The days of a month are counted as they come in the years of the ledger, neither of which is a leap year.
fn day(text: &str) -> Result<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let parts: Vec<i64> = text.split('-').map(str::parse).collect::<Result<_, _>>()?;
    let [year @ (1993 | 1994), month @ 1..=12, day] = parts[..] else {
        anyhow::bail!("{text} is no day of the ledger");
    };
    Ok(year * 365 + BEFORE[usize::try_from(month - 1)?] + day)
}

/// The cases, from the lines of a file.
fn scan(text: &str) -> Result<Vec<Case>> {
    struct Account {
        came_in: i64,
        /// Number, day, amount.
        out: Vec<(u64, i64, i64)>,
    }
    let mut accounts: BTreeMap<u64, Account> = BTreeMap::new();
    let mut cases = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (number, row, amount): (u64, u64, i64) =
            (cells[0].parse()?, cells[1].parse()?, cells[7].parse()?);
        let account = accounts.entry(number).or_insert(Account {
            came_in: 0,
            out: Vec::new(),
        });
        if cells[4] == "PRIJEM" {
            account.came_in += amount;
            continue;
        }
        let today = day(cells[2])?;
        account.out.push((row, today, amount));
        for last in today..=today + 6 {
            let days = last - 6..=last;
            let is_within = |(_, day, _): &(u64, i64, i64)| days.contains(day);
            let window: Vec<_> = account.out.iter().filter(|one| is_within(one)).collect();
            let sum: i64 = window.iter().map(|(_, _, amount)| amount).sum();
            if window.len() >= 3 && 3 * sum > account.came_in {
                let rows = window.iter().map(|(row, _, _)| *row).collect();
                cases.push((number, rows, account.came_in));
                account.out.retain(|one| !is_within(one));
                break;
            }
        }
    }
    cases.sort();
    Ok(cases)
}

/// The scan itself, on lines of which the case is known. The third withdrawal is dated before the others.
fn scan_is_right() -> Result<()> {
    let text = "account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler\n\
         1,1,1994-01-01,1,PRIJEM,,,90,90\n\
         1,2,1994-01-28,2,VYDAJ,,,10,80\n\
         1,3,1994-01-29,3,VYDAJ,,,10,70\n\
         1,4,1994-01-01,4,VYDAJ,,,14,56\n\
         1,5,1994-01-27,5,VYDAJ,,,11,45\n";
    let cases = scan(text)?;
    ensure!(cases == [(1, vec![2, 3, 5], 90)], "it finds {cases:?}");
    Ok(())
}

/// Compares the cases that the read model has with those of the file.
pub(super) fn is_as_scanned(data: &Path, database: &Path) -> Result<()> {
    let due = scan(&std::fs::read_to_string(ledger_of(data))?)?;
    ensure!(
        (20..=200).contains(&due.len()),
        "the file has {} cases, which shows little",
        due.len()
    );
    let found = common::block_on(async {
        let models = SqliteReadModels::open(database).await?;
        let all = FraudCases {
            account: None,
            most: u32::MAX,
        };
        Ok(all.ask(&models).await?.answer)
    })?;
    let found = found.iter().map(|found| {
        // The movement of row n stands at version 2n + 1.
        let rows = found.case.taken.iter().map(|taken| (taken.version - 1) / 2);
        (found.account.0, rows.collect(), found.case.came_in)
    });
    let mut found: Vec<Case> = found.collect();
    found.sort();
    if let Some(more) = found.iter().find(|case| !due.contains(case)) {
        bail!("{more:?} is found, and is not in the file");
    }
    if let Some(missing) = due.iter().find(|case| !found.contains(case)) {
        bail!("{missing:?} of the file is not found");
    }
    ensure!(found == due, "a case is found twice: {found:?}");
    Ok(())
}

/// Each of these is found.
const HARMS: [Harm; 3] = [
    Harm {
        sql: "DELETE FROM {fraud_cases} WHERE rowid = 7",
        found: "of the file is not found",
    },
    Harm {
        sql: "UPDATE {fraud_cases} SET came_in = came_in + 1 WHERE rowid = 7",
        found: "is found, and is not in the file",
    },
    // An event of a case makes another case.
    Harm {
        sql: "INSERT INTO {fraud_cases} SELECT account, found - 2, day, came_in FROM {fraud_cases} WHERE rowid = 7; \
              UPDATE {fraud_events} SET found = found - 2 WHERE rowid = (SELECT min(e.rowid) FROM {fraud_events} e \
              JOIN {fraud_cases} c USING (account, found) WHERE c.rowid = 7)",
        found: "is found, and is not in the file",
    },
];

/// Beside an import; rebuilt; and rebuilt by a process that is killed in the middle, and by the next one.
pub(crate) fn found(data: &Path) -> Result<()> {
    scan_is_right()?;
    let many = scan(&std::fs::read_to_string(ledger_of(data))?)?.len();
    say(&format!("{many} cases in the file"));
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("ledger.db");
    import(data, &database, &[])?.end()?;
    is_as_scanned(data, &database).context("beside the import")?;
    let rebuild = [
        "projections",
        "rebuild",
        "fraud",
        "--positions",
        "--lease",
        "300",
    ];
    Reporting::start(&rebuild, &database)?.end()?;
    is_as_scanned(data, &database).context("rebuilt")?;
    let slowly = [&rebuild[..], &["--batch", "50"]].concat();
    let reports = 1 + common::chance(300)? % 20;
    let rebuilding = Reporting::start(&slowly, &database)?;
    ensure!(
        rebuilding.kill_after(reports, is_position)?,
        "it was rebuilt before it was killed"
    );
    is_as_scanned(data, &database).context("what is read while it is rebuilt")?;
    Reporting::start(&rebuild, &database)?.end()?;
    is_as_scanned(data, &database).context("rebuilt after a kill")?;
    each_is_found(&database, &HARMS, |path| is_as_scanned(data, path))
}

//! Questions to an existing database, and the command line.

use crate::{fails, has, small, succeeds};

#[test]
fn sums_are_checked_against_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let seeded = succeeds(path, &small(&[]));
    let line = seeded
        .lines()
        .find_map(|line| line.strip_prefix("as of 2025-06-30: balances "))
        .unwrap();
    let sum = line.split(',').next().unwrap();
    let expect = |sum: &str| {
        let text = format!("date,accounts,sum_folded_balance_haler\n2025-06-30,20,{sum}\n");
        std::fs::write(path.join("expected.csv"), text).unwrap();
    };
    expect(sum);
    for database in [&["--db", "bank.db"][..], &[]] {
        let same = succeeds(path, &[database, &["--check", "expected.csv"]].concat());
        has(&same, &["2 figures of the store are as the file expects"]);
    }
    let nothing = fails(path, &["--memory", "--check", "expected.csv"]);
    has(&nothing, &["there is no bank in memory"]);
    expect(&format!("{sum}0"));
    let differs = fails(path, &["--db", "bank.db", "--check", "expected.csv"]);
    has(
        &differs,
        &[
            "as of 2025-06-30: sum_folded_balance_haler is ",
            sum,
            "expected",
        ],
    );
    for (text, problem) in [
        ("date,sum\n2025-06-30,1\n", "there is no figure `sum`"),
        ("date,rows\n2025-06-31,1\n", "line 2"),
        ("date,rows\n2025-06-30,many\n", "`many` is not an integer"),
        ("date,rows\n", "expects nothing"),
        ("rows\n1\n", "a column `date`"),
    ] {
        std::fs::write(path.join("expected.csv"), text).unwrap();
        let wrong = fails(path, &["--db", "bank.db", "--check", "expected.csv"]);
        has(&wrong, &[problem]);
    }
}

#[test]
fn statements_and_past_balances_are_printed_from_an_existing_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let missing = fails(path, &["--account", "1"]);
    has(&missing, &["there is no database bank.db"]);
    assert!(!path.join("bank.db").exists());
    // A question writes nothing: opened as a store, an empty file would become a database.
    std::fs::write(path.join("empty.db"), "").unwrap();
    std::fs::write(path.join("expected.csv"), "date,rows\n2025-06-30,1\n").unwrap();
    for question in [
        ["--account", "1"],
        ["--as-of", "2025-06-30"],
        ["--check", "expected.csv"],
    ] {
        let empty = fails(path, &[&question[..], &["--db", "empty.db"]].concat());
        has(&empty, &["empty.db is empty, no database"]);
        assert!(std::fs::read(path.join("empty.db")).unwrap().is_empty());
    }

    succeeds(path, &small(&[]));
    let now = succeeds(path, &["--account", "3"]);
    let past = succeeds(path, &["--account", "3", "--as-of", "2025-06-30"]);
    let shown = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("  2025-"));
        lines.map(str::to_owned).collect()
    };
    let (now, past) = (shown(&now), shown(&past));
    assert!(!past.is_empty() && past.len() < now.len());
    assert_eq!(now[..past.len()], past[..]);
    assert!(past.iter().all(|line| line.trim_start() < "2025-07"));
    let nobody = fails(path, &["--account", "21"]);
    has(&nobody, &["there is no account 21"]);
    let early = fails(path, &["--account", "3", "--as-of", "2024-12-31"]);
    has(&early, &["there is no account 3"]);
    let sums = succeeds(path, &["--as-of", "2025-06-30"]);
    has(&sums, &["as of 2025-06-30: ", " of 20 accounts, balance "]);
}

#[test]
fn arguments_that_would_be_ignored_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["--ledger", "ledger.csv", "--seed", "1"][..],
        &["--account", "1", "--accounts", "2"],
        &["--check", "expected.csv", "--commands", "2"],
        &["--account", "1", "--memory"],
        &["--ledger", "ledger.csv", "--export", "other.csv"],
        &["--receipts"],
        &["--accounts", "0"],
        &["--accounts", "18446744073709551615"],
        &["--commands", "18446744073709551615"],
    ] {
        let refused = fails(folder.path(), arguments);
        assert!(refused.starts_with("error: "), "{arguments:?}: {refused}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_forms_of_the_files_are_in_the_help() {
    let folder = tempfile::tempdir().unwrap();
    let help = succeeds(folder.path(), &["--help"]);
    has(
        &help,
        &[
            "account_id,version,date",
            "PRIJEM",
            "sum_bank_balance_haler",
            "--as-of",
        ],
    );
}

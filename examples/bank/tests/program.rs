//! The program, as it is run.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use eventsource_core::{EventStore as _, Position};
use eventsource_sqlite::SqliteStore;

/// A bank that is small enough to be run often.
const SMALL: [&str; 4] = ["--accounts", "20", "--commands", "600"];

fn bank(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bank"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program runs")
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = bank(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    assert_eq!(errors, "", "{arguments:?}");
    String::from_utf8(output.stdout).expect("the program prints text")
}

#[track_caller]
fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = bank(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("the program prints text")
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL[..], more].concat()
}

#[test]
fn the_seeded_bank_runs_and_checks_itself_and_a_second_run_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = succeeds(folder.path(), &small(&[]));
    has(
        &first,
        &[
            "seeded bank in bank.db: seed 42, 20 accounts, 600 commands",
            "620 commands stored 620 events",
            "0 were there already",
            "withdrawals were declined",
            "checked from the store, in haler (100 are 1 CZK): balances ",
            "20 accounts, reloaded, are as the books",
            "as of 2025-03-31: balances ",
            "as of 2025-12-31: balances ",
            "statement of account 1: ",
        ],
    );
    assert_eq!(first.matches("as the books say\n").count(), 5, "{first}");
    assert!(!first.contains("\n0 withdrawals were declined"), "{first}");

    let second = succeeds(folder.path(), &small(&[]));
    has(
        &second,
        &["0 commands stored 0 events", "620 were there already"],
    );
    let without_times = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| !line.contains("commands stored"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(without_times(&first), without_times(&second));
    let in_memory = succeeds(folder.path(), &small(&["--memory"]));
    has(
        &in_memory,
        &["seeded bank in memory", "620 commands stored 620 events"],
    );
    let tail = |text: &str| without_times(text)[1..].to_vec();
    assert_eq!(tail(&first), tail(&in_memory));
}

#[test]
fn a_database_of_another_source_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let export = ["--export", "ledger.csv"];
    succeeds(path, &small(&export));
    let before = std::fs::read(path.join("bank.db")).unwrap();

    let other_seed = fails(path, &small(&["--seed", "43"]));
    has(
        &other_seed,
        &[
            "begun from the bank of seed 42",
            "continued from the bank of seed 43",
            "--db",
        ],
    );
    let other_size = fails(path, &["--accounts", "21", "--commands", "600"]);
    has(&other_size, &["with 20 accounts", "with 21 accounts"]);
    let ledger = fails(path, &["--ledger", "ledger.csv", "--db", "bank.db"]);
    has(
        &ledger,
        &[
            "begun from the bank of seed 42",
            "continued from the ledger ",
        ],
    );
    assert!(
        std::fs::read(path.join("bank.db")).unwrap() == before,
        "the file was changed"
    );

    succeeds(path, &["--ledger", "ledger.csv"]);
    let seeded = fails(path, &small(&["--db", "ledger.db"]));
    has(
        &seeded,
        &[
            "begun from the ledger ",
            "continued from the bank of seed 42",
        ],
    );
    let text = std::fs::read_to_string(path.join("ledger.csv")).unwrap();
    let shorter = text.trim_end().rsplit_once('\n').unwrap().0;
    std::fs::write(path.join("other.csv"), shorter).unwrap();
    let other = fails(path, &["--ledger", "other.csv"]);
    has(
        &other,
        &["begun from the ledger ", "continued from the ledger "],
    );
}

#[test]
fn an_exported_bank_is_imported_as_a_ledger_with_the_same_sums() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let seeded = succeeds(path, &small(&["--export", "ledger.csv"]));
    let imported = succeeds(path, &["--ledger", "ledger.csv"]);
    let sum = |day: &str| {
        let line = seeded
            .lines()
            .find_map(|line| line.strip_prefix(&format!("as of {day}: balances ")));
        line.and_then(|line| line.split(',').next())
            .unwrap()
            .to_owned()
    };
    for day in ["2025-03-31", "2025-06-30", "2025-09-30"] {
        let line = imported
            .lines()
            .find(|line| line.starts_with(&format!("as of {day}: ")))
            .unwrap();
        has(
            line,
            &[
                &format!("balance {},", sum(day)),
                &format!("printed {},", sum(day)),
                "drift 0",
            ],
        );
    }
    has(&imported, &["within 10 haler, 0 do not"]);
    let again = succeeds(path, &["--ledger", "ledger.csv"]);
    has(&again, &["0 commands stored 0 events"]);

    let receipts = succeeds(path, &["--ledger", "ledger.csv", "--receipts", "--memory"]);
    let rows = std::fs::read_to_string(path.join("ledger.csv"))
        .unwrap()
        .lines()
        .count()
        - 1;
    let reported = receipts
        .lines()
        .filter(|line| line.parse::<u64>().is_ok())
        .count();
    assert_eq!(reported, rows);
}

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

/// The bank is killed in the middle, where it is at that moment, and run again.
#[tokio::test(flavor = "multi_thread")]
async fn a_seeded_bank_that_is_killed_is_completed_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--accounts", "50", "--commands", "4000"];
    let store = SqliteStore::open(folder.path().join("bank.db"))
        .await
        .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
        .current_dir(folder.path())
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    store
        .wait_beyond(Position::from_number(1_000))
        .await
        .unwrap();
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    let stored = store.head().await.unwrap().unwrap().number();
    assert!(
        (1_000..4_051).contains(&stored),
        "{stored} events were stored"
    );
    store.close().await;

    // One of the stored events is that of the source. The commit that the kill met may have reached the disk and yet
    // be seen only when the file is opened anew: nobody was told of it, so it may count or not.
    let rest = succeeds(folder.path(), &arguments);
    let [newly, already] = [" commands stored ", " were there already"].map(|what| {
        let before = rest.split(what).next().unwrap();
        let number = before.rsplit([' ', '\n']).next().unwrap();
        number.parse::<u64>().unwrap()
    });
    assert!(
        already >= stored - 1,
        "{already} of {stored} events are left"
    );
    assert_eq!(newly + already, 4_050);
    let again = succeeds(folder.path(), &arguments);
    has(
        &again,
        &["0 commands stored 0 events", "4050 were there already"],
    );
}

#[test]
fn two_processes_that_run_one_bank_at_once_store_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_bank"));
        let program = program.current_dir(folder.path()).args(SMALL);
        program
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut stored = 0;
    for child in [start(), start()] {
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}{errors}");
        has(&printed, &["20 accounts, reloaded, are as the books"]);
        let line = printed
            .lines()
            .find(|line| line.contains(" commands stored "))
            .unwrap();
        stored += line.split(' ').next().unwrap().parse::<u64>().unwrap();
    }
    assert_eq!(stored, 620);
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
    ] {
        let refused = fails(folder.path(), arguments);
        assert!(refused.starts_with("error: "), "{arguments:?}: {refused}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_ledger_that_is_not_well_formed_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let header =
        "account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler";
    let good = "7,1,2025-01-31,1,PRIJEM,VKLAD,,500,500";
    for (rows, problem) in [
        (
            vec![good, "7,2,2025-01-30,2,VYDAJ,,,100,400"],
            "line 3: account 7 goes back",
        ),
        (
            vec![good, "7,3,2025-02-01,2,VYDAJ,,,100,400"],
            "line 3: the row of account 7 has the version 3, but 2",
        ),
        (
            vec![good, "7,2,2025-02-01,1,VYDAJ,,,100,400"],
            "line 3: the trans_id 1 is that of line 2",
        ),
        (
            vec![good, "7,2,2025-02-01,2,VYDAJ,,,0,500"],
            "line 3: the amount 0 is not positive",
        ),
        (vec![good, "7,2,2025-02-01,2,VYDAJ,,,1.5,400"], "line 3"),
        (
            vec![good, "7,2,2025-02-30,2,VYDAJ,,,100,400"],
            "no day 2025-02-30",
        ),
        (vec![good, "7,2,2025-02-01,2,GIFT,,,100,400"], "line 3"),
        (vec![good, "7,2,2025-02-01,2,VYDAJ,,100,400"], "line 3"),
        (vec![], "has no rows"),
    ] {
        let text = [&[header], &rows[..], &[""]].concat().join("\n");
        std::fs::write(path.join("wrong.csv"), text).unwrap();
        let wrong = fails(path, &["--ledger", "wrong.csv"]);
        has(&wrong, &["wrong.csv is no ledger", problem]);
        assert!(!path.join("ledger.db").exists(), "{rows:?}");
    }
    std::fs::write(path.join("wrong.csv"), good).unwrap();
    has(
        &fails(path, &["--ledger", "wrong.csv"]),
        &["line 1: the header is"],
    );
    has(
        &fails(path, &["--ledger", "nowhere.csv"]),
        &["nowhere.csv is no ledger"],
    );
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

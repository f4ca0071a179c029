//! The seeded bank: run, repeated, killed, and run twice at once.

use std::process::{Command, Stdio};

use eventsource_core::{EventStore as _, Position};
use eventsource_sqlite::SqliteStore;

use crate::{fails, has, small, succeeds};

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
    let models = "read models: 20 balances, 486 transactions and 1 case of fraud are as the store has them\n";
    let first = first.strip_suffix(models).expect(models);
    let in_memory = succeeds(folder.path(), &small(&["--memory"]));
    has(
        &in_memory,
        &["seeded bank in memory", "620 commands stored 620 events"],
    );
    let tail = |text: &str| without_times(text)[1..].to_vec();
    assert_eq!(tail(first), tail(&in_memory));
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

/// Enough work that the second process begins long before the first one ends.
const LARGER: [&str; 4] = ["--accounts", "200", "--commands", "4000"];

#[test]
fn two_processes_that_run_one_bank_at_once_store_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_bank"));
        let program = program.current_dir(folder.path()).args(LARGER);
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
        has(&printed, &["200 accounts, reloaded, are as the books"]);
        let line = printed
            .lines()
            .find(|line| line.contains(" commands stored "))
            .unwrap();
        stored += line.split(' ').next().unwrap().parse::<u64>().unwrap();
    }
    assert_eq!(stored, 4_200);
}

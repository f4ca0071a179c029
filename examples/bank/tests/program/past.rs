//! Questions about the past of an account.

use std::path::Path;

use crate::{fails, has, small, succeeds};

/// Two accounts in which every amount can be checked by eye.
const LEDGER: &str = "\
account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler
7,1,1993-01-01,1,PRIJEM,VKLAD,,90000,90000
7,2,1993-01-05,2,VYDAJ,PREVOD NA UCET,SIPO,30000,60000
7,3,1993-02-01,3,PRIJEM,,UROK,5,60010
8,1,1993-01-05,4,PRIJEM,PREVOD Z UCTU,,30000,30000
";

fn imported(folder: &Path) {
    std::fs::write(folder.join("ledger.csv"), LEDGER).expect("a folder of the test");
    succeeds(folder, &["--ledger", "ledger.csv", "--db", "bank.db"]);
}

fn ask(folder: &Path, question: &str) -> String {
    let arguments: Vec<&str> = question.split(' ').collect();
    succeeds(folder, &arguments)
}

/// The lines that say what happened, without those that say what was stored.
fn happened(history: &str) -> Vec<&str> {
    let lines = history.lines().map(str::trim);
    lines
        .filter(|line| !line.starts_with("stored as "))
        .collect()
}

// D29
#[test]
fn a_transfer_out_takes_money_out_of_every_balance_from_its_day_on_and_of_none_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    imported(path);
    for (point, balance) in [
        (
            "1993-01-01",
            "90000 haler, printed 90000 (v4 of its history)",
        ),
        (
            "1993-01-04",
            "90000 haler, printed 90000 (v4 of its history)",
        ),
        (
            "1993-01-04T23:59:59.999999Z",
            "90000 haler, printed 90000 (v4 of its history)",
        ),
        (
            "1993-01-05T00:00:00Z",
            "60000 haler, printed 60000 (v6 of its history)",
        ),
        (
            "1993-01-05",
            "60000 haler, printed 60000 (v6 of its history)",
        ),
        (
            "1998-12-31",
            "60005 haler, printed 60010 (v8 of its history)",
        ),
        ("v1", "0 haler (v1 of its history)"),
        ("v3", "90000 haler (v3 of its history)"),
        ("v5", "60000 haler, printed 90000 (v5 of its history)"),
        ("v8", "60005 haler, printed 60010 (v8 of its history)"),
    ] {
        let answer = ask(path, &format!("balance --account 7 --as-of {point}"));
        let point = point
            .strip_suffix("T00:00:00Z")
            .map_or_else(|| point.to_owned(), |day| format!("{day}T00:00:00.000000Z"));
        assert_eq!(
            answer,
            format!("account 7 as of {point}: balance {balance}\n")
        );
    }
    let now = ask(path, "balance --account 8");
    assert_eq!(
        now,
        "account 8 now: balance 30000 haler, printed 30000 (v4 of its history)\n"
    );
    // All of it was recorded today.
    let recorded = fails(
        path,
        &[
            "balance",
            "--account",
            "7",
            "--as-of",
            "1998-12-31",
            "--recorded",
        ],
    );
    has(&recorded, &["there is no account 7 as of 1998-12-31"]);
    let recorded = ask(path, "balance --account 7 --as-of 9999-12-31 --recorded");
    has(&recorded, &["balance 60005 haler"]);
}

#[test]
fn a_history_is_printed_with_both_its_ends_and_every_envelope() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    imported(path);
    let lines = [
        "v1 1993-01-01T00:00:00.000000Z opened, balance 0",
        "v2 1993-01-01T00:00:00.000000Z overdraft granted, balance 0",
        "v3 1993-01-01T00:00:00.000000Z credit +90000, balance 90000",
        "v4 1993-01-01T00:00:00.000000Z balance printed, balance 90000",
        "v5 1993-01-05T00:00:00.000000Z withdrawal -30000, balance 60000",
        "v6 1993-01-05T00:00:00.000000Z balance printed, balance 60000",
        "v7 1993-02-01T00:00:00.000000Z credit +5, balance 60005",
        "v8 1993-02-01T00:00:00.000000Z balance printed, balance 60005",
    ];
    for (ends, from, to) in [
        ("", 1, 8),
        (" --from v1 --to v8", 1, 8),
        (" --from v2 --to v3", 2, 3),
        (" --from 1993-01-01 --to 1993-01-01", 1, 4),
        (" --from 1993-01-02", 5, 8),
        (" --to 1993-01-05", 1, 6),
        (" --from v6 --to 1993-02-01", 6, 8),
        (
            " --from 1993-01-01T00:00:00.000001Z --to 1993-02-01T00:00:00Z",
            5,
            8,
        ),
        (" --to 1993-01-31T23:59:59.999999Z", 1, 6),
        (" --from v8 --to v8", 8, 8),
        (" --from 1994-01-01", 9, 8),
        (" --to 1994-01-01 --recorded", 9, 8),
    ] {
        let printed = ask(path, &format!("history --account 7{ends}"));
        let (due_lines, count) = (&lines[from - 1..to], to + 1 - from);
        let mut due = vec!["history of account 7, in haler:"];
        due.extend(due_lines);
        let events = format!("{count} {}", if count == 1 { "event" } else { "events" });
        due.push(&events);
        assert_eq!(happened(&printed), due, "{ends}");
        assert_eq!(printed.matches("     stored as ").count(), count, "{ends}");
    }
    let one = ask(path, "history --account 8 --from v3 --to v3");
    has(
        &one,
        &[
            "stored as account.credited (schema version 1) at position ",
            ", recorded 2",
            ", event ",
            ", caused by ",
            ", in conversation ",
        ],
    );
}

#[test]
fn a_difference_names_each_field_that_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    imported(path);
    for (ends, changes) in [
        (
            "--before v2 --after v4",
            "from v2 to v4:\n  plain.balance: 0 -> 90000\n  printed: null -> 90000\n",
        ),
        (
            "--before 1992-12-31 --after v2",
            "from 1992-12-31 to v2:\n  overdraft: false -> true\n  plain.open: false -> true\n",
        ),
        (
            "--before 1993-01-31",
            "from 1993-01-31 to now:\n  plain.balance: 60000 -> 60005\n  printed: 60000 -> 60010\n",
        ),
        (
            "--before 1993-01-05 --after 1993-01-31",
            "from 1993-01-05 to 1993-01-31:\n  no change\n",
        ),
    ] {
        let printed = ask(path, &format!("difference --account 7 {ends}"));
        assert_eq!(printed, format!("account 7 {changes}"));
    }
}

#[test]
fn the_last_balance_of_a_history_is_that_of_the_statement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, &small(&[]));
    for account in 1..=20 {
        let statement = ask(path, &format!("--account {account}"));
        let due = statement.trim_end().trim_end_matches(", blocked");
        let due = due.rsplit("balance ").next().unwrap();
        let history = ask(path, &format!("history --account {account}"));
        let last = *happened(&history).iter().rev().nth(1).unwrap();
        assert!(
            last.ends_with(&format!("balance {due}")),
            "{last}; {statement}"
        );
        let now = ask(path, &format!("balance --account {account}"));
        has(&now, &[&format!("now: balance {due} haler")]);
    }
}

#[test]
fn what_cannot_be_answered_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let missing = fails(path, &["history", "--account", "7"]);
    has(&missing, &["there is no database bank.db"]);
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 0);
    imported(path);
    for (question, words) in [
        ("balance --account 9", "there is no account 9"),
        ("history --account 9 --from v1", "there is no account 9"),
        (
            "difference --account 9 --before v1",
            "there is no account 9",
        ),
        (
            "balance --account 7 --as-of v9",
            "has no version 9; it ends at 8",
        ),
        (
            "balance --account 7 --as-of 1992-12-31",
            "there is no account 7 as of 1992-12-31",
        ),
        (
            "history --account 7 --from v3 --to v2",
            "ends before it begins",
        ),
        (
            "history --account 7 --from 1993-01-02 --to 1993-01-01",
            "ends before it begins",
        ),
        ("history --account 7 --from v0", "there is no version `v0`"),
        (
            "history --account 7 --from 12",
            "`12` is no point in the past",
        ),
        (
            "balance --account 7 --as-of 1993-02-29",
            "`1993-02-29` is no point in the past",
        ),
        (
            "history --account 7 --recorded",
            "--recorded is about days and times",
        ),
        (
            "balance --account 7 --as-of v1 --recorded",
            "--recorded is about days and times",
        ),
        ("difference --account 7", "--before <POINT>"),
        ("balance", "--account <NUMBER>"),
        (
            "balance --account 7 --db other.db",
            "there is no database other.db",
        ),
        (
            "balance --account 7 --seed 1",
            "unexpected argument '--seed'",
        ),
        ("--db bank.db balance --account 7", "cannot be used with"),
    ] {
        let arguments: Vec<&str> = question.split(' ').collect();
        let refused = fails(path, &arguments);
        assert!(refused.starts_with("error: "), "{question}: {refused}");
        has(&refused, &[words]);
    }
    assert!(!path.join("other.db").exists());
}

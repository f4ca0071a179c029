//! Ledgers: exported, imported, refused.

use crate::{fails, has, small, succeeds};

const HEADER: &str =
    "account_id,version,date,trans_id,type,operation,k_symbol,amount_haler,balance_haler";

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
fn a_ledger_that_is_not_well_formed_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
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
        // Empty lines are lines, too, and the first one wrong is named.
        (
            vec!["", good, "", "", "7,2,2025-02-01,2,VYDAJ,,,1.5,400"],
            "line 6: not a row of a ledger: amount_haler: ",
        ),
        (
            vec![good, "", "7,3,2025-02-01,2,VYDAJ,,,100,400"],
            "line 4: the row of account 7 has the version 3, but 2",
        ),
        (
            vec![good, "", "7,2,2025-02-01,1,VYDAJ,,,100,400"],
            "line 4: the trans_id 1 is that of line 2",
        ),
        (
            vec![good, "7,2,2025-02-01,2,PRIJEM,,,9223372036854775807,1"],
            "line 3: with the amount 9223372036854775807 account 7 is beyond what can be counted",
        ),
        (vec![], "has no rows"),
    ] {
        let text = [&[HEADER], &rows[..], &[""]].concat().join("\n");
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
fn two_exports_of_one_bank_are_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // Each run commits the accounts, which are independent of each other, in an order of its own.
    let export = |file: &str| {
        let size = ["--accounts", "100", "--commands", "2000", "--memory"];
        succeeds(path, &[&size[..], &["--export", file]].concat());
        std::fs::read_to_string(path.join(file)).unwrap()
    };
    let first = export("first.csv");
    assert!(first == export("second.csv"), "the exports differ");
    let numbers = first.lines().skip(1).map(|line| line.split(',').nth(3));
    let numbers: Vec<u64> = numbers.map(|cell| cell.unwrap().parse().unwrap()).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64));
}

#[test]
fn an_export_replaces_no_file_and_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("precious.txt"), "precious").unwrap();
    for (file, problem) in [
        ("nowhere/ledger.csv", "no folder for nowhere/ledger.csv"),
        ("precious.txt", "precious.txt exists already"),
        ("bank.db", "bank.db belongs to the database"),
        ("./bank.db-wal", "bank.db-wal belongs to the database"),
        ("bank.db-shm", "bank.db-shm belongs to the database"),
    ] {
        let refused = fails(path, &small(&["--export", file]));
        has(&refused, &[problem]);
        assert!(!path.join("bank.db").exists(), "{file}: it began to run");
    }
    succeeds(path, &small(&["--export", "ledger.csv"]));
    let files = || {
        let names = std::fs::read_dir(path).unwrap();
        let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    assert_eq!(files(), ["bank.db", "ledger.csv", "precious.txt"]);
    let database = std::fs::read(path.join("bank.db")).unwrap();
    for file in ["bank.db", "ledger.csv"] {
        let refused = fails(path, &small(&["--export", file]));
        has(
            &refused,
            &["exists already, and an export replaces nothing"],
        );
    }
    assert!(database == std::fs::read(path.join("bank.db")).unwrap());
}

fn write_ledger(path: &std::path::Path, rows: &[&str]) {
    let text = [&[HEADER], rows, &[""]].concat().join("\n");
    std::fs::write(path.join("ledger.csv"), text).expect("a file can be written");
}

#[test]
fn a_ledger_whose_printed_balances_contradict_its_amounts_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let good = "7,1,2025-01-31,1,PRIJEM,VKLAD,,500,500";
    write_ledger(path, &[good, "7,2,2025-02-01,2,VYDAJ,,,100,410"]);
    let rounded = succeeds(path, &["--memory", "--ledger", "ledger.csv"]);
    has(&rounded, &["1 within 10 haler, 0 do not"]);
    has(&rounded, &["2 rows are stored, account by account"]);
    write_ledger(path, &[good, "7,2,2025-02-01,2,VYDAJ,,,100,411"]);
    for run in ["the first run", "and again"] {
        let wrong = fails(path, &["--ledger", "ledger.csv"]);
        has(
            &wrong,
            &[
                "the ledger contradicts itself",
                "1 do not",
                "the row of trans_id 2 in account 7, which prints 411",
            ],
        );
        assert!(!wrong.contains("does not hold"), "{run}: {wrong}");
    }
}

#[test]
fn a_date_that_is_far_off_prints_few_sums() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_ledger(
        path,
        &[
            "7,1,0001-01-31,1,PRIJEM,VKLAD,,500,500",
            "8,1,2025-02-01,2,PRIJEM,VKLAD,,500,500",
        ],
    );
    let printed = succeeds(path, &["--memory", "--ledger", "ledger.csv"]);
    has(&printed, &["as of 0001-03-31: ", "as of 2025-02-01: "]);
    assert_eq!(printed.matches("as of ").count(), 2, "{printed}");
    let rows: Vec<String> = (1..=300)
        .map(|n| format!("7,{n},{:04}-05-05,{n},PRIJEM,,,1,{n}", 1000 + n))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    write_ledger(path, &rows);
    let printed = succeeds(path, &["--memory", "--ledger", "ledger.csv"]);
    has(&printed, &["as of 1299-06-30: ", "as of 1300-05-05: "]);
    assert_eq!(printed.matches("as of ").count(), 100, "{printed}");
}

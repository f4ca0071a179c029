//! What the tests of kills rest on can itself fail.

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};
use rusqlite::Connection;

use crate::{
    harness::{
        child::{Reporting, is_position},
        harms::{Harm, each_is_found},
    },
    small, succeeds,
};

const RUN: [&str; 4] = ["projections", "run", "--until-caught-up", "--positions"];

/// Nobody has killed it: a test that counts kills must not count this one.
#[test]
fn a_child_that_fails_by_itself_was_not_killed() {
    let folder = tempfile::tempdir().unwrap();
    for reports in [0, 1] {
        let missing = folder.path().join("none").join("bank.db");
        let mut child = Reporting::start(&RUN, &missing).unwrap();
        // It has ended, and nobody has asked how.
        assert_eq!(child.next(|_| true).unwrap(), None);
        let killed = child.kill_after(reports, is_position);
        let error = killed.expect_err("it failed").to_string();
        assert!(error.contains("has failed by itself"), "{error}");
    }
}

#[test]
fn a_child_that_was_done_before_was_not_killed_and_one_that_was_at_work_was() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(folder.path(), &small(&["--no-projections"]));
    let database = folder.path().join("bank.db");
    let run = || Reporting::start(&RUN[..2], &database).unwrap();
    assert!(run().kill_after(0, is_position).unwrap());
    Reporting::start(&RUN, &database).unwrap().end().unwrap();
    let done = Reporting::start(&RUN, &database).unwrap();
    assert!(!done.kill_after(u64::MAX, is_position).unwrap());
}

/// It goes on until it is killed, and reports nothing.
#[test]
fn a_child_that_says_nothing_is_an_error_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(folder.path(), &small(&["--no-projections"]));
    let database = folder.path().join("bank.db");
    let silent = || {
        let mut child = Reporting::start(&RUN[..2], &database).unwrap();
        child.at_most = Duration::from_millis(1);
        child
    };
    for waited in [
        silent().next(|_| true).map(drop),
        silent().kill_after(1, is_position).map(drop),
        silent().end(),
    ] {
        let error = waited.expect_err("it says nothing").to_string();
        assert!(error.contains("has reported nothing for 1ms"), "{error}");
    }
}

fn notes_are_one(path: &Path) -> Result<()> {
    let raw = Connection::open(path)?;
    let notes: i64 = raw.query_row("SELECT count(*) FROM notes__g2", (), |row| row.get(0))?;
    ensure!(notes == 1, "there are {notes} notes");
    Ok(())
}

/// A list of harms is a proof only where the check knows each of them from a database that is as it has to be.
#[test]
fn a_harm_counts_as_found_beside_an_unharmed_copy_and_by_its_own_text_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("notes.db");
    let raw = Connection::open(&database).unwrap();
    raw.execute_batch(
        "CREATE TABLE notes__g1 (note TEXT); CREATE TABLE notes__g2 (note TEXT); \
         INSERT INTO notes__g2 VALUES ('one')",
    )
    .unwrap();
    raw.close().unwrap();
    let found = |harms: &[(&'static str, &'static str)]| {
        let harms: Vec<Harm> = harms
            .iter()
            .map(|(sql, found)| Harm { sql, found })
            .collect();
        let found = each_is_found(&database, &harms, notes_are_one);
        found.map_err(|error| format!("{error:#}"))
    };
    let delete = "DELETE FROM {notes}";
    assert_eq!(found(&[(delete, "there are 0 notes")]), Ok(()));
    for (harms, said) in [
        (&[][..], "nothing is harmed"),
        (&[(delete, "there are 2 notes")], "was to be said"),
        (&[("DELETE FROM {notes} WHERE 0", "")], "it does no harm"),
        (&[("UPDATE {notes} SET note = 2", "")], "nobody saw"),
        (&[("DELETE FROM {words}", "")], "there is no table words"),
    ] {
        let error = found(harms).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
    // Half of the file is no database, whatever is done to it.
    let half = std::fs::metadata(&database).unwrap().len() / 2;
    let file = std::fs::File::options().write(true).open(&database);
    file.unwrap().set_len(half).unwrap();
    let error = found(&[(delete, "")]).unwrap_err();
    assert!(error.contains("a copy that was not harmed"), "{error}");
}

//! The read models: asked, run alone, rebuilt.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use eventsource_core::{LeaseName, LeaseStore as _};
use eventsource_sqlite::SqliteStore;

use crate::{
    bank, fails,
    harness::child::{Reporting, is_position},
    has, small, succeeds,
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_read_models_of_a_run_answer_without_its_events() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, &small(&[]));
    let balance = succeeds(path, &["ask", "balance", "--account", "7"]);
    let from_events = succeeds(path, &["balance", "--account", "7"]);
    let amount = |text: &str| {
        let rest = text.split_once("balance ").unwrap().1;
        rest.split(' ').next().unwrap().parse::<i64>().unwrap()
    };
    assert_eq!(
        amount(&balance),
        amount(&from_events),
        "{balance}{from_events}"
    );
    has(&balance, &["owner customer-5", "as of position 621"]);

    let ask = ["ask", "transactions", "--account", "7", "--most", "20"];
    let first = succeeds(path, &ask);
    let cursor = first.lines().last().unwrap().strip_prefix("more: --after ");
    let second = succeeds(path, &[&ask[..], &["--after", cursor.unwrap()]].concat());
    has(&second, &["v2 ", "no more"]);
    assert_eq!(first.lines().count(), 22);
    let foreign = [
        "ask",
        "transactions",
        "--account",
        "8",
        "--after",
        cursor.unwrap(),
    ];
    has(
        &fails(path, &foreign),
        &["this cursor is of another account"],
    );
    let nobody = ["ask", "transactions", "--account", "999"];
    has(
        &fails(path, &nobody),
        &["there is no account 999 as of position 621"],
    );
    let no_cursor = ["ask", "transactions", "--account", "7", "--after", "7.20"];
    has(&fails(path, &no_cursor), &["this is no cursor"]);

    let owned = succeeds(path, &["ask", "owner", "--name", "customer-2"]);
    has(&owned, &["account 2: ", "account 3: "]);
    assert_eq!(owned.lines().count(), 3, "{owned}");
    assert_eq!(succeeds(path, &["ask", "owner"]).lines().count(), 1);
    has(
        &succeeds(path, &["ask", "fraud"]),
        &["  account 17: ", " that had come in"],
    );
    has(
        &succeeds(path, &["ask", "projections"]),
        &[
            "balances as of position 621, 0 behind",
            "transactions as ",
            "fraud as ",
        ],
    );
    has(
        &fails(path, &["ask", "balance", "--account", "999"]),
        &["there is no account 999 as of position 621"],
    );
    has(
        &fails(
            path,
            &["ask", "balance", "--account", "7", "--db", "none.db"],
        ),
        &["there is no database none.db"],
    );
}

#[test]
fn the_projections_run_in_a_process_of_their_own_and_are_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let written = succeeds(path, &small(&["--no-projections"]));
    assert!(!written.contains("read models"), "{written}");
    has(
        &succeeds(path, &["ask", "projections"]),
        &["balances is not built", "fraud is not built"],
    );
    let unbuilt = fails(path, &["ask", "balance", "--account", "7"]);
    has(
        &unbuilt,
        &["no finished read model of the projection `balances`"],
    );
    let run = succeeds(path, &["projections", "run", "--until-caught-up"]);
    has(
        &run,
        &["balances generation 1 is at position 621, 0 behind"],
    );
    let rebuilt = succeeds(path, &["projections", "rebuild", "balances"]);
    has(
        &rebuilt,
        &["rebuilt: balances generation 2 is at position 621"],
    );
    has(
        &fails(path, &["projections", "rebuild", "balance"]),
        &["possible values"],
    );
    // The run that comes checks what was rebuilt.
    has(&succeeds(path, &small(&[])), &["read models: 20 balances"]);
}

/// The read models are built one by one, and what one of them answers needs no other.
#[test]
fn a_page_with_nothing_on_it_is_an_answer_also_before_there_are_balances() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, &small(&["--no-projections"]));
    succeeds(path, &["projections", "rebuild", "transactions"]);
    let ask = ["ask", "transactions", "--account", "999"];
    has(
        &succeeds(path, &ask),
        &[
            "transactions of account 999, in haler, as of position 621:\n",
            "no more\n",
            "`balances`, which would say whether there is such an account, is not built",
        ],
    );
    succeeds(path, &["projections", "rebuild", "balances"]);
    has(&fails(path, &ask), &["there is no account 999"]);
}

/// Whoever reads where the read models are may go away.
#[test]
fn a_run_goes_on_when_nobody_reads_its_positions_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, &small(&["--no-projections"]));
    let run = ["projections", "run", "--until-caught-up", "--positions"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
        .current_dir(path)
        .args(run)
        .args(["--batch", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait().unwrap();
    has(
        &succeeds(path, &["ask", "projections"]),
        &[
            "balances as of position 621, 0 behind",
            "transactions as of position 621, 0 behind",
            "fraud as of position 621, 0 behind",
        ],
    );
}

/// One process runs the projections; another one has to leave them alone, and goes on when it is gone.
#[test]
fn while_another_process_runs_the_projections_nobody_else_rebuilds_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, &small(&[]));
    let database = path.join("bank.db");
    let run = ["projections", "run", "--lease", "600000"];
    let active = Reporting::start(&run, &database).unwrap();
    all_leases_are_held(&database);
    let rebuild = ["projections", "rebuild", "fraud", "--lease", "100"];
    let refused = fails(path, &rebuild);
    has(
        &refused,
        &["fraud is not rebuilt", "is run by another process"],
    );
    // A run that writes is content with what the other one has taken in.
    let output = bank(path, &small(&[]));
    assert!(output.status.success(), "{output:?}");
    assert!(active.kill_after(0, is_position).unwrap());
}

/// A process that has still to get the lease of a read model reports where it is, too: it is the leases that say who is
/// active.
#[tokio::main(flavor = "current_thread")]
async fn all_leases_are_held(database: &Path) {
    let store = SqliteStore::open(database).await.expect("a database");
    for name in ["balances", "transactions", "fraud"] {
        let name = LeaseName::new(format!("projection {name}")).expect("a name");
        let held = async {
            while store.find_lease(&name).await.expect("readable").is_none() {
                tokio::task::yield_now().await;
            }
        };
        let held = tokio::time::timeout(LONG, held).await;
        held.expect("somebody takes the lease");
    }
    store.close().await;
}

//! A process ends within a step of a projection, or within a switch of its read model.

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use common::{folder, open};
use eventsource_core::{Generation, Position, ProjectionName, ProjectionStore};
use eventsource_sqlite::SqliteReadModels;
use rusqlite::Connection;

/// Whether the process has died at this point, and not gone on to its end.
fn died(task: &str, path: &Path, point: &str) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
        .arg(task)
        .arg(path)
        .arg(point)
        .stderr(Stdio::null())
        .status()
        .expect("the process starts");
    !status.success()
}

/// All points at which the process dies: its statements, and what comes before the commit and after it.
fn deaths(task: &str, mut seen: impl FnMut(&Path, bool, &str)) -> usize {
    let mut statements = 0;
    loop {
        let (_folder, path) = folder();
        let point = statements.to_string();
        if !died(task, &path, &point) {
            break;
        }
        seen(&path, false, &point);
        statements += 1;
    }
    for point in ["before", "after"] {
        let (_folder, path) = folder();
        assert!(died(task, &path, point), "{point}");
        seen(&path, point == "after", point);
    }
    statements
}

/// What is read, and where it is said to be.
#[derive(Debug, PartialEq)]
struct Seen {
    live: Option<Generation>,
    rows: u64,
    checkpoint: Option<Position>,
    tables: Vec<String>,
}

fn tables(path: &Path) -> Vec<String> {
    let raw = Connection::open(path).expect("a connection");
    let tables = "SELECT name FROM sqlite_schema WHERE name LIKE 'marks%' ORDER BY name";
    let mut tables = raw.prepare(tables).expect("a statement");
    let tables = tables.query_map([], |row| row.get(0)).expect("rows");
    tables.map(|table| table.expect("a name")).collect()
}

async fn look(path: &Path) -> Seen {
    let store = open(path).await;
    let name = ProjectionName::new("marks").expect("a name");
    let found = store.find_projection(&name).await.expect("an answer");
    let models = SqliteReadModels::open(path).await.expect("read models");
    let rows = "SELECT count(*) AS n FROM marks";
    let row = models.query_as_of(&name, rows, ()).await.expect("a row");
    let seen = Seen {
        live: found.expect("a projection").live,
        rows: row.answer[0].get("n").expect("a number"),
        checkpoint: row.position,
        tables: tables(path),
    };
    store.close().await;
    seen
}

fn seen(path: &Path) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().expect("a runtime");
    let first = runtime.block_on(look(path));
    // Whoever opens it next finds the same.
    assert_eq!(runtime.block_on(look(path)), first);
    first
}

#[test]
fn a_crash_at_any_point_leaves_what_was_written_and_the_checkpoint_or_neither() {
    let statements = deaths("crash-in-step", |path, is_done, point| {
        let found = seen(path);
        let done = if is_done { 2 } else { 1 };
        assert_eq!(found.rows, done, "{point}");
        assert_eq!(found.checkpoint, Position::from_number(done), "{point}");
        assert_eq!(found.live, Some(Generation::FIRST), "{point}");
    });
    assert!(statements >= 5, "the step has statements: {statements}");
}

#[test]
fn a_crash_at_any_point_leaves_the_read_model_before_the_switch_or_the_one_after_it() {
    let statements = deaths("crash-in-switch", |path, is_done, point| {
        let found = seen(path);
        let (generation, tables) = if is_done {
            (2, vec!["marks", "marks__g2"])
        } else {
            (1, vec!["marks", "marks__g1", "marks__g2"])
        };
        let live = Generation::from_number(generation);
        assert_eq!(found.live, Some(live), "{point}");
        assert_eq!(found.rows, generation, "{point}");
        assert_eq!(found.checkpoint, Position::from_number(generation));
        assert_eq!(found.tables, tables, "{point}");
    });
    assert!(statements >= 10, "the switch has statements: {statements}");
}

//! One round of a row of commands: `commands p3 8` or `commands p3 long-8` in memory, `commands p4 64` on SQLite. The
//! number is that of the tasks. `rows` runs many of them in turns with the peers.

use std::{error::Error, path::PathBuf, sync::Arc};

use benches::{
    bank::{Account, Stored},
    bare::AccountEvent,
    bare_memory, bare_sqlite,
    commands::{Bank, Load, Program, commands_in_turns, runtime, turn},
    ours,
};
use eventsource_core::{MemoryStore, Repository};
use eventsource_sqlite::SqliteStore;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let row = args.next();
    let load = Load::parse(&args.next().ok_or("say how many tasks")?)?;
    match row.as_deref() {
        Some("p3") => memory(load),
        Some("p4") => sqlite(load),
        _ => return Err("say which row: p3 or p4".into()),
    }
    Ok(())
}

/// P3: stores in memory.
fn memory(load: Load) {
    let runtime = &runtime();
    let ours = |with: fn(Repository<Account>) -> Repository<Account>| {
        move || ours::Accounts::new(MemoryStore::new(), with)
    };
    let programs = vec![
        in_memory(
            runtime,
            "bare: typed events kept",
            bare_memory::Accounts::<Arc<AccountEvent>>::default,
        ),
        in_memory(
            runtime,
            "bare: JSON kept",
            bare_memory::Accounts::<Arc<Stored>>::default,
        ),
        in_memory(runtime, "ours: MemoryStore", ours(|accounts| accounts)),
        in_memory(runtime, "ours: MemoryStore, cached state", ours(cached)),
    ];
    commands_in_turns(load, (1, 5), programs);
}

/// With room for all of them.
fn cached(accounts: Repository<Account>) -> Repository<Account> {
    accounts.cache(4_000)
}

fn in_memory<'a, B: Bank>(
    runtime: &'a Runtime,
    name: &str,
    bank: impl Fn() -> B + 'a,
) -> Program<'a> {
    Program::new(name, move |load| runtime.block_on(turn(bank(), load)))
}

/// P4: files, each commit on the disk before it is acknowledged.
fn sqlite(load: Load) {
    let runtime = &runtime();
    let bare = |cached| {
        move |path: PathBuf| async move {
            // The schema is that of our file.
            let store = SqliteStore::open(&path).await.expect("a new file");
            store.close().await;
            bare_sqlite::Accounts::open(&path, cached)
        }
    };
    let ours = |with: fn(Repository<Account>) -> Repository<Account>| {
        move |path: PathBuf| async move {
            let store = SqliteStore::open(path).await.expect("a new file");
            ours::Accounts::new(store, with)
        }
    };
    let programs = vec![
        in_file(runtime, "bare: group commit", bare(false)),
        in_file(runtime, "bare: group commit, cached state", bare(true)),
        in_file(runtime, "ours: SqliteStore", ours(|accounts| accounts)),
        in_file(runtime, "ours: SqliteStore, cached state", ours(cached)),
    ];
    commands_in_turns(load, (0, 1), programs);
}

/// The file lies where the system has its temporary files; `TMPDIR` says where that is.
fn in_file<'a, B: Bank, F: Future<Output = B>>(
    runtime: &'a Runtime,
    name: &str,
    bank: impl Fn(PathBuf) -> F + 'a,
) -> Program<'a> {
    Program::new(name, move |load| {
        let folder = tempfile::tempdir().expect("a folder");
        runtime.block_on(async {
            let bank = bank(folder.path().join("bank.db")).await;
            turn(bank, load).await
        })
    })
}

//! One round of p8: from the append of an event to its handler, in one process. `live 1000` delivers so many events by each
//! store, one at a time.

use std::error::Error;

use benches::{
    commands::runtime,
    live::{Latency, subscription},
};
use eventsource_core::MemoryStore;
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};

fn main() -> Result<(), Box<dyn Error>> {
    let events = std::env::args().nth(1).ok_or("say how many events")?;
    let events: usize = events.parse()?;
    let folder = tempfile::tempdir()?;
    let open = |name: &str, synchronous| {
        let options = SqliteOptions::new(folder.path().join(name)).with_synchronous(synchronous);
        SqliteStore::open_with(options)
    };
    runtime().block_on(async {
        let memory = subscription(MemoryStore::new(), events).await;
        print("ours: MemoryStore, subscription", memory);
        let store = open("normal.db", Synchronous::Normal).await?;
        print(
            "ours: SqliteStore without fsync, subscription",
            subscription(store, events).await,
        );
        let store = open("full.db", Synchronous::Full).await?;
        print(
            "ours: SqliteStore, subscription",
            subscription(store, events).await,
        );
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "`rows` reads it")]
fn print(name: &str, latency: Latency) {
    let Latency {
        half,
        most,
        behind,
        append,
    } = latency;
    println!("{name}\t{half:.0}\tp99={most:.0}\tbehind={behind:.0}\tappend={append:.0}");
}

//! One round of p8: from the append of an event to its handler, in one process. `live 1000` delivers so many events by each
//! store in each way, one at a time.

use std::error::Error;

use benches::{
    commands::runtime,
    live::{self, Latency},
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
        let memory = MemoryStore::new;
        print(
            "ours: MemoryStore, subscription",
            live::subscription(memory(), events).await,
        );
        print(
            "ours: MemoryStore, projection in memory",
            live::in_memory(memory(), events).await,
        );
        for (store, synchronous) in [
            ("SqliteStore without fsync", Synchronous::Normal),
            ("SqliteStore", Synchronous::Full),
        ] {
            let file = |name: &str| open(&format!("{name} {store}.db"), synchronous);
            print(
                &format!("ours: {store}, subscription"),
                live::subscription(file("subscription").await?, events).await,
            );
            print(
                &format!("ours: {store}, projection in memory"),
                live::in_memory(file("memory").await?, events).await,
            );
            print(
                &format!("ours: {store}, projection in transactions"),
                live::in_transactions(file("transactions").await?, events).await,
            );
        }
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

//! Writers beside others. They begin when they are told to.

use std::io::Write as _;

use eventsource_core::EventStore as _;
use eventsource_sqlite::SqliteStore;

use crate::common::{contention, one};

pub(crate) async fn contend(store: &SqliteStore) {
    ready();
    contention::contend(store).await;
}

pub(crate) async fn append_one(store: &SqliteStore) {
    ready();
    store.append(one("a")).await.unwrap();
}

/// Until the process is killed.
pub(crate) async fn append_for_ever(store: &SqliteStore) {
    ready();
    for number in 0.. {
        store.append(one("a")).await.unwrap();
        say(&format!("stored {number}"));
    }
}

pub(crate) fn ready() {
    say("ready");
    hear();
}

/// Waits for a line; the end of whoever started this process is one, too.
pub(crate) fn hear() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// The same, beside whatever else there is to do.
pub(crate) async fn hears() {
    tokio::task::spawn_blocking(hear).await.unwrap();
}

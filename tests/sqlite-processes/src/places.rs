//! A process that opens a store and then goes elsewhere.

use std::{num::NonZeroUsize, path::Path};

use eventsource_core::{EventStore as _, EventStoreExt as _};
use eventsource_sqlite::{SqliteOptions, SqliteStore};

use crate::common::{one, open};

/// The current folder is that of the whole process, so a program of its own goes elsewhere, to the folder `other`.
pub(crate) async fn go_elsewhere(name: &str, other: &str) {
    let options = SqliteOptions::new(name).with_readers(NonZeroUsize::MIN);
    let store = SqliteStore::open_with(options).await.unwrap();
    // Only the writer has opened the file so far.
    std::env::set_current_dir(other).unwrap();
    store.append(one("a")).await.unwrap();
    let stored = store.read_all().await.unwrap();
    assert_eq!(stored.len(), 1);
    let beyond = store.wait_beyond(None).await.unwrap();
    assert_eq!(beyond.number(), 1);
    // What looks for the appends of others looks at that file, too.
    let (waiting, raw) = (store.clone(), format!("{other}/../here/{name}"));
    let waiting = tokio::spawn(async move { waiting.wait_beyond(Some(beyond)).await });
    tokio::task::yield_now().await;
    open(Path::new(&raw)).await.append(one("a")).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().number(), 2);
}

//! Snapshots across versions of the code: of the state, and of the events behind a snapshot.

use eventsource_core::{
    Origin, Schema, Snapshot, SnapshotMiss, TrimAggregateError,
    prelude::*,
    snapshot::{never, on_each_save, replayed_more_than},
};
use serde::{Deserialize, Serialize};

use crate::{domain::version, evolved, watched::Watched};

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(name = "shelf.filled")]
pub(crate) struct Filled {
    title: String,
    pages: u32,
}

impl Filled {
    fn with(title: &str, pages: u32) -> Self {
        let title = title.to_owned();
        Self { title, pages }
    }
}

/// A version of the code: a book stands two types deep in the state.
macro_rules! library {
    ($name:ident: $($(#[$attribute:meta])* $pages:ident)?) => {
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
            pub(crate) struct Book {
                pub(crate) title: String,
                $($(#[$attribute])* pub(crate) $pages: u32,)?
            }

            #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Schema)]
            pub(crate) struct Board {
                pub(crate) books: Vec<Book>,
            }

            #[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
            #[aggregate(name = "shelf", id = u64, error = std::convert::Infallible, events(Filled))]
            pub(crate) struct Shelf {
                pub(crate) board: Board,
            }

            impl Apply<Filled> for Shelf {
                fn apply(&mut self, event: &Filled) {
                    let title = event.title.clone();
                    self.board.books.push(Book { title, $($pages: event.pages)? });
                }
            }

            impl Handle<Filled> for Shelf {
                fn handle(&self, command: &Filled) -> Decision<Self> {
                    Ok(command.clone().into())
                }
            }
        }
    };
}

library!(yesterday:);
library!(today: #[serde(default)] pages);

/// D3: a field was added to the state, the snapshot lacked it, and so it was its default from then on.
#[tokio::test]
async fn a_field_that_was_added_two_types_deep_is_a_miss_and_comes_from_the_events() {
    let store = Watched::new(MemoryStore::new());
    let before = Repository::<yesterday::Shelf>::new(store.clone()).snapshot(on_each_save());
    before
        .execute(&1, Filled::with("Emma", 474))
        .await
        .expect("filled");
    before.snapshots_settled().await;
    before
        .execute(&1, Filled::with("Ulysses", 730))
        .await
        .expect("filled");
    before.snapshots_settled().await;
    let loaded = before.load(&1).await.expect("a shelf");
    assert_eq!(loaded.origin(), Origin::Snapshot(version(2)));

    let shelves = Repository::<today::Shelf>::new(store.clone()).snapshot(on_each_save());
    let error = shelves.trim(&1).await.expect_err("no usable snapshot");
    let TrimAggregateError::NoSnapshot {
        missed: Some(miss), ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert!(
        matches!(*miss, SnapshotMiss::Fingerprint { version: of, found, expected }
            if of == version(2)
                && found == yesterday::Shelf::FINGERPRINT
                && expected == today::Shelf::FINGERPRINT),
        "{miss:?}"
    );
    let loaded = shelves.load(&1).await.expect("a shelf");
    assert_eq!(
        (loaded.origin(), loaded.events_read()),
        (Origin::Beginning, 2)
    );
    let pages = |shelf: &today::Shelf| {
        shelf
            .board
            .books
            .iter()
            .map(|book| book.pages)
            .collect::<Vec<_>>()
    };
    assert_eq!(pages(&loaded), [474, 730]);

    // Both versions of the code run side by side, each with snapshots of its own.
    shelves
        .execute(&1, Filled::with("Orlando", 333))
        .await
        .expect("filled");
    shelves.snapshots_settled().await;
    let loaded = shelves.load(&1).await.expect("a shelf");
    assert_eq!(
        (loaded.origin(), pages(&loaded)),
        (Origin::Snapshot(version(3)), vec![474, 730, 333])
    );
    let loaded = before.load(&1).await.expect("a shelf");
    assert_eq!(
        (loaded.origin(), loaded.board.books.len()),
        (Origin::Snapshot(version(2)), 3)
    );
}

/// The stream of an account with all of its past, cut everywhere: a snapshot before, old payloads behind.
#[tokio::test]
async fn behind_a_snapshot_a_payload_of_version_1_of_an_event_of_version_3_is_todays() {
    let past = evolved::past();
    let deposit_v1 = past
        .iter()
        .position(|((name, ..), _)| *name == "deposit.made");
    assert!(deposit_v1.is_some_and(|place| place > 1));
    for cached in [false, true] {
        for cut in 1..=past.len() {
            let store = MemoryStore::new();
            let mut accounts =
                Repository::<evolved::Account>::new(store.clone()).snapshot(replayed_more_than(0));
            if cached {
                accounts = accounts.cache(4);
            }
            let rows: Vec<_> = past.iter().map(|(row, _)| *row).collect();
            let (first, rest) = rows.split_at(cut);
            store
                .append(evolved::stored("account", first))
                .await
                .expect("stored");
            accounts.load(&1).await.expect("the account");
            accounts.snapshots_settled().await;
            store
                .append(evolved::stored("account", rest))
                .await
                .expect("stored");
            let reader = Repository::<evolved::Account>::new(store).snapshot(never());
            for accounts in [reader, accounts] {
                let loaded = accounts.load(&1).await.expect("the account");
                assert_eq!(
                    loaded.state(),
                    &evolved::state_after(past.len()),
                    "cut after {cut}"
                );
                assert_eq!(loaded.version(), Version::new(past.len() as u64));
                // Of dropped events alone, there is nothing to keep.
                assert_eq!(
                    loaded.origin() == Origin::Beginning,
                    cut == 1,
                    "cut after {cut}"
                );
            }
        }
    }
}

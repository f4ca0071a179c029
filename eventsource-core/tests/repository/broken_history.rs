//! Histories that are not whole: what cannot be read, what is missing, what was trimmed.

use std::collections::BTreeSet;

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, Category, EventStoreExt, EventStream, LeaseStore,
    Limits, LoadError, NewEvent, Position, ProjectionStore, Read, ReadError, Receipt,
    SnapshotStore, TrimError, TrimStore, Trimmed, async_trait, prelude::*,
};

use crate::{
    domain::{Account, Deposit, Open, version, without},
    evolved,
    history::{accounts, versions},
};

#[tokio::test]
async fn what_cannot_be_read_is_an_error_with_its_place_after_what_stands_before_it() {
    let store = evolved::store().await;
    let rows = [
        ("account.deposited", 4, "{}"),
        ("account.viewed", 1, "null"),
    ];
    store
        .append(evolved::stored("account", &rows))
        .await
        .expect("stored");
    let accounts = Repository::<evolved::Account>::new(store.clone());
    let readable = evolved::past().len();
    let broken = Version::new(readable as u64 + 1);
    let is_it = |error: &LoadError| {
        matches!(error, LoadError::Decode { version, position, stream, .. }
            if Some(*version) == broken && position.number() == readable as u64 + 1 && stream.id() == "1")
    };

    let error = accounts.history(&1).await.expect_err("unreadable");
    assert!(is_it(&error), "{error:?}");
    let mut entries = accounts.history(&1).entries();
    for _ in 0..readable {
        assert!(entries.next().await.expect("readable").is_some());
    }
    let error = entries.next().await.expect_err("unreadable");
    assert!(is_it(&error), "{error:?}");
    assert!(entries.next().await.expect("ended").is_none());

    let mut pages = accounts.history(&1).entries();
    assert_eq!(pages.next_page().await.expect("readable").len(), readable);
    let error = pages.next_page().await.expect_err("unreadable");
    assert!(is_it(&error), "{error:?}");
    assert!(pages.next_page().await.expect("ended").is_empty());

    // Around it, nothing is in the way.
    let before = accounts.history(&1).until(Version::new(readable as u64));
    assert_eq!(before.await.expect("readable").len(), readable);
    let after = accounts
        .history(&1)
        .since(Version::new(readable as u64 + 2));
    assert_eq!(after.await.expect("readable").len(), 1);
}

#[tokio::test]
async fn a_missing_version_is_an_error_wherever_it_should_have_been() {
    let accounts = accounts().await;
    let store = MemoryStore::new();
    for event in accounts.store().read_all().await.expect("readable") {
        let copy = NewEvent::new(
            event.id,
            event.name.clone(),
            event.schema_version,
            event.payload.clone(),
            event.occurred_at,
        );
        let append = Append::to(event.stream.clone(), Expected::Any, [copy]);
        store.append(append).await.expect("stored");
    }
    let old = AsOf::Recorded(Timestamp::MIN);
    for lost in 1..7 {
        let damaged = Repository::<Account>::new(without(&store, version(lost)));
        for history in [
            damaged.history(&1),
            damaged.history(&1).since(version(lost)),
            damaged.history(&1).until(version(lost + 1)),
            damaged.history(&1).until(AsOf::Recorded(Timestamp::MAX)),
        ] {
            let error = history.await.expect_err("a hole");
            let LoadError::Hole { last, found, .. } = error else {
                panic!("{error:?}")
            };
            assert_eq!((last, found), (Version::new(lost - 1), version(lost + 1)));
        }
        let since = damaged.history(&1).since(old).await;
        // Where it may begin anywhere, the first one that is there is the first one.
        assert_eq!(since.is_err(), lost > 1, "{since:?}");
        // By the writers' word, any version may be left out.
        let occurred = damaged
            .history(&1)
            .until(Timestamp::MAX)
            .await
            .expect("a history");
        assert_eq!(occurred.len(), 6);
    }
}

/// A store whose stream was trimmed.
#[derive(Debug, Clone)]
pub(crate) struct TrimmedStore(pub(crate) MemoryStore, pub(crate) Version);

#[async_trait]
impl EventStore for TrimmedStore {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn limits(&self) -> Limits {
        self.0.limits()
    }
    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        self.0.append(append).await
    }
    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.0.find_append(key).await
    }
    fn read(&self, mut read: Read) -> EventStream {
        read.from_version = read.from_version.max(Some(self.1));
        self.0.read(read)
    }
    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.0.stream_version(stream).await
    }
    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.0.head().await
    }
    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.0.wait_beyond(position).await
    }
    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.0.snapshots()
    }
    fn trims(&self) -> Option<&dyn TrimStore> {
        Some(self)
    }
    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.0.projections()
    }
    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.0.leases()
    }
}

#[async_trait]
impl TrimStore for TrimmedStore {
    async fn trim(&self, _: &StreamId, before: Version) -> Result<Trimmed, TrimError> {
        Ok(Trimmed::new(before, 0))
    }
    async fn first_version(&self, _: &StreamId) -> Result<Option<Version>, ReadError> {
        Ok(Some(self.1))
    }
    async fn trimmed_beyond(
        &self,
        categories: &BTreeSet<Category>,
        after: Option<Position>,
    ) -> Result<Option<StreamId>, ReadError> {
        self.0.trimmed_beyond(categories, after).await
    }
}

#[tokio::test]
async fn a_history_that_reaches_below_what_a_trim_has_left_is_refused_and_never_a_part_of_one() {
    let store = MemoryStore::new();
    let accounts = Repository::<Account>::new(store.clone());
    accounts.execute(&1, Open).await.expect("stored");
    for cents in 1..5 {
        accounts.execute(&1, Deposit(cents)).await.expect("stored");
    }
    let trimmed = Repository::<Account>::new(TrimmedStore(store.clone(), version(3)));
    for history in [
        trimmed.history(&1),
        trimmed.history(&1).since(version(2)),
        trimmed.history(&1).until(Timestamp::MAX),
        trimmed.history(&1).since(AsOf::Recorded(Timestamp::MIN)),
    ] {
        let error = history.await.expect_err("trimmed");
        assert!(
            matches!(&error, LoadError::HistoryTrimmed { first, .. } if *first == version(3)),
            "{error:?}"
        );
    }
    let left = trimmed
        .history(&1)
        .since(version(3))
        .await
        .expect("a history");
    assert_eq!(versions(&left), [3, 4, 5]);
    // No state can be folded without the first events.
    let mut states = trimmed.history(&1).since(version(3)).states();
    let error = states.next().await.map(|_| ()).expect_err("trimmed");
    assert!(
        matches!(error, LoadError::HistoryTrimmed { .. }),
        "{error:?}"
    );
    // What can be trimmed and was not, is all there.
    let whole = Repository::<Account>::new(TrimmedStore(store, Version::FIRST));
    assert_eq!(whole.history(&1).await.expect("a history").len(), 5);
    assert!(
        whole
            .history(&1)
            .states()
            .next()
            .await
            .expect("a state")
            .is_some()
    );
}

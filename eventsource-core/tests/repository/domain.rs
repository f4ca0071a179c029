//! A small account for the tests, and a store that lets another writer in at a chosen moment.

use std::sync::{Arc, Mutex};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, EventStream, LeaseStore, Limits, Position,
    ProjectionStore, Read, ReadError, Receipt, Snapshot, SnapshotStore, TrimStore, async_trait,
    prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.opened")]
pub(crate) struct Opened {
    pub(crate) owner: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.deposited")]
pub(crate) struct Deposited {
    pub(crate) cents: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "account.withdrawn")]
pub(crate) struct Withdrawn {
    pub(crate) cents: i64,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the account is open already")]
    Open,
    #[error("the account is not open")]
    NotOpen,
    #[error("{missing} cents are missing")]
    Missing { missing: i64 },
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "account", id = u64, error = Refusal, events(Opened, Deposited, Withdrawn))]
pub(crate) struct Account {
    pub(crate) open: bool,
    pub(crate) cents: i64,
    pub(crate) applied: u32,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.open = true;
        self.applied += 1;
    }
}

impl Apply<Deposited> for Account {
    fn apply(&mut self, event: &Deposited) {
        self.cents += event.cents;
        self.applied += 1;
    }
}

impl Apply<Withdrawn> for Account {
    fn apply(&mut self, event: &Withdrawn) {
        self.cents -= event.cents;
        self.applied += 1;
    }
}

pub(crate) struct Open;
pub(crate) struct Deposit(pub(crate) i64);
pub(crate) struct Withdraw(pub(crate) i64);

impl Handle<Open> for Account {
    fn handle(&self, _: &Open) -> Decision<Self> {
        if self.open {
            Err(Refusal::Open)
        } else {
            Ok(Opened {
                owner: "ann".to_owned(),
            }
            .into())
        }
    }
}

impl Handle<Deposit> for Account {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        match (self.open, command.0) {
            (false, _) => Err(Refusal::NotOpen),
            (true, 0) => Ok(Events::none()),
            (true, cents) => Ok(Deposited { cents }.into()),
        }
    }
}

impl Handle<Withdraw> for Account {
    fn handle(&self, command: &Withdraw) -> Decision<Self> {
        match self.cents - command.0 {
            missing @ ..0 => Err(Refusal::Missing { missing: -missing }),
            _ => Ok(Withdrawn { cents: command.0 }.into()),
        }
    }
}

/// The accounts of an empty store, with account 1 open.
pub(crate) async fn accounts() -> Repository<Account> {
    let accounts = Repository::new(MemoryStore::new());
    accounts
        .execute(&1, Open)
        .await
        .expect("a new account can be opened");
    accounts
}

pub(crate) fn key(text: &str) -> AppendKey {
    AppendKey::new(text).expect("a legal key")
}

pub(crate) fn version(number: u64) -> Version {
    Version::new(number).expect("versions begin at 1")
}

/// A memory store in which something happens right before an append reaches it.
#[derive(Clone)]
pub(crate) struct Meddled {
    pub(crate) store: MemoryStore,
    meddle: Arc<Mutex<Meddle>>,
    lost: Option<Version>,
    /// Whether the other writer comes before a read, and no longer before an append.
    early: bool,
}

type Meddle = Box<dyn FnMut(&MemoryStore) -> Option<Append> + Send>;

impl Meddled {
    /// `meddle` gives what another writer appends before each append.
    pub(crate) fn new(
        store: MemoryStore,
        meddle: impl FnMut(&MemoryStore) -> Option<Append> + Send + 'static,
    ) -> Self {
        Self {
            store,
            meddle: Arc::new(Mutex::new(Box::new(meddle))),
            lost: None,
            early: false,
        }
    }
}

impl Meddled {
    /// The same, with the other writer before each read.
    pub(crate) fn early(mut self) -> Self {
        self.early = true;
        self
    }

    fn let_in(&self) {
        let other = (self.meddle.lock().expect("not poisoned"))(&self.store);
        if let Some(other) = other {
            // The store in memory never waits.
            let mut append = std::pin::pin!(self.store.append(other));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let appended = append.as_mut().poll(&mut cx);
            assert!(
                matches!(appended, std::task::Poll::Ready(Ok(_))),
                "the other writer succeeds: {appended:?}"
            );
        }
    }
}

impl std::fmt::Debug for Meddled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meddled").finish_non_exhaustive()
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl EventStore for Meddled {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    fn limits(&self) -> Limits {
        self.store.limits()
    }
    async fn append(&self, append: Append) -> Result<Receipt, AppendError> {
        if !self.early {
            self.let_in();
        }
        self.store.append(append).await
    }
    async fn find_append(&self, key: &AppendKey) -> Result<Option<Receipt>, ReadError> {
        self.store.find_append(key).await
    }
    fn read(&self, read: Read) -> EventStream {
        if self.early {
            self.let_in();
        }
        let events = self.store.read(read);
        match self.lost {
            Some(version) => EventStream::from_pages(Without { events, version }),
            None => events,
        }
    }
    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.store.stream_version(stream).await
    }
    async fn head(&self) -> Result<Option<Position>, ReadError> {
        self.store.head().await
    }
    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.store.wait_beyond(position).await
    }
    fn snapshots(&self) -> Option<&dyn SnapshotStore> {
        self.store.snapshots()
    }
    fn trims(&self) -> Option<&dyn TrimStore> {
        self.store.trims()
    }
    fn projections(&self) -> Option<&dyn ProjectionStore> {
        self.store.projections()
    }
    fn leases(&self) -> Option<&dyn LeaseStore> {
        self.store.leases()
    }
}

/// A deposit as another writer would append it.
pub(crate) fn other_deposit(cents: i64) -> Append {
    stored("account.deposited", 1, &format!("{{\"cents\":{cents}}}"))
}

/// Any stored event for account 1.
pub(crate) fn stored(name: &str, schema_version: u32, json: &str) -> Append {
    use eventsource_core::{EventId, EventName, IdSource, NewEvent, StoredPayload, UuidV7};
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new(name).expect("a legal name"),
        schema_version,
        StoredPayload::json(json.as_bytes()),
        Timestamp::EPOCH,
    );
    Append::to(
        StreamId::new("account", "1").expect("a legal stream"),
        Expected::Any,
        [event],
    )
}

/// The same pages without one version, as a damaged store would give them.
struct Without {
    events: EventStream,
    version: Version,
}

impl futures_core::Stream for Without {
    type Item = Result<eventsource_core::Page, ReadError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let version = self.version;
        let page = std::pin::pin!(self.events.next_page()).poll(cx);
        page.map_ok(|mut page| {
            page.retain(|event| event.version != version);
            page
        })
        .map(|page| (!matches!(&page, Ok(page) if page.is_empty())).then_some(page))
    }
}

/// The events of account 1 without one of them.
pub(crate) fn without(store: &MemoryStore, version: Version) -> Meddled {
    let mut damaged = Meddled::new(store.clone(), |_| None);
    damaged.lost = Some(version);
    damaged
}

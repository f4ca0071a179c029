//! Live projections over stores that are trimmed, damaged, busy or large.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Capabilities, EventStream, Limits, Position, Read, ReadError,
    Receipt, TrimStore, async_trait,
    prelude::*,
    projection::{Folded, LiveError},
};

use crate::{
    domain::{Account, Order, Placed, Shipped, TAKEN, append, store},
    kinds::Lines,
    live::{is_at, position, stream, taken},
    planted::{self, Planted},
};

#[tokio::test]
async fn a_stream_that_was_trimmed_is_no_other_state() {
    let store = store().await;
    let account = stream::<Account>(1);
    let first = Version::new(3).expect("not 0");
    store.trim(&account, first).await.expect("trimmed");
    for until in [1, 4, 10] {
        let live = store.live(Lines::default()).stream(account.clone());
        let error = live.until(position(until)).await.expect_err("trimmed");
        assert!(
            matches!(&error, LiveError::Trimmed { stream, first: at } if *stream == account && *at == first),
            "{error:?}"
        );
    }
    let other = store.live(Lines::default()).stream(stream::<Account>(2));
    assert_eq!(other.await.expect("readable").0.len(), 2);
    // Of the whole, it is without what is gone.
    let whole = store.live(Lines::default()).await.expect("readable");
    is_at(&whole, &taken(|at| at > 2), 10);
}

/// All events of orders, so that none of them is left out of a read.
#[derive(Default, Projection)]
#[projection(name = "orders", version = 1, from(Order), events(Placed, Shipped))]
struct Orders(usize);

impl Project<Placed> for Orders {
    fn project(&mut self, _: &Placed, _: &Envelope<'_>) {
        self.0 += 1;
    }
}

impl Project<Shipped> for Orders {
    fn project(&mut self, _: &Shipped, _: &Envelope<'_>) {
        self.0 += 1;
    }
}

#[tokio::test]
async fn a_missing_event_is_damage_where_all_are_read() {
    let lost = |version: u64| {
        planted::change(move |mut events| {
            events.retain(|event| event.version.get() != version);
            events
        })
    };
    let placed = ("order", "1", "order.placed", 1, r#"{"cents":1}"#);
    for version in [1, 2, 3] {
        let inner = store().await;
        append(&inner, &[placed, placed]).await;
        let damaged = Planted::new(inner).with_change(lost(version));
        let whole = damaged.live(Orders::default()).await;
        let of_one = damaged.live(Lines::default()).stream(stream::<Order>(1));
        let of_one = of_one.await.map(|lines| Orders(lines.0.len()));
        for folded in [whole.map(Folded::into_projection), of_one] {
            let found = match folded {
                Err(LiveError::Read(ReadError::OutOfSequence { found, .. })) => found.get(),
                Err(other) => panic!("{other:?}"),
                Ok(orders) => panic!("{} of 4 events are given as the state", orders.0),
            };
            assert_eq!(found, version + 1);
        }
    }
}

/// A store to which somebody appends an event between a look at its head and a read.
#[derive(Debug)]
struct Busy(MemoryStore);

#[async_trait]
impl EventStore for Busy {
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

    fn read(&self, read: Read) -> EventStream {
        self.0.read(read)
    }

    async fn stream_version(&self, stream: &StreamId) -> Result<Option<Version>, ReadError> {
        self.0.stream_version(stream).await
    }

    async fn head(&self) -> Result<Option<Position>, ReadError> {
        let head = self.0.head().await;
        let late = ("order", "2", "order.placed", 1, r#"{"cents":5}"#);
        append(&self.0, &[late]).await;
        head
    }

    async fn wait_beyond(&self, position: Option<Position>) -> Result<Position, ReadError> {
        self.0.wait_beyond(position).await
    }
}

#[tokio::test]
async fn what_is_appended_meanwhile_is_in_no_state_that_says_less() {
    let store = Busy(store().await);
    let before = store.live(Lines::default()).await.expect("readable");
    is_at(&before, TAKEN, 10);
    let after = store.live(Lines::default()).await.expect("readable");
    assert_eq!((after.0.len(), after.position()), (8, Some(position(11))));
}

/// Notes how many events were read when each is folded.
#[derive(Projection)]
#[projection(
    name = "held",
    version = 1,
    from(Order),
    events(Placed),
    ignores(Shipped)
)]
struct Held {
    given: Arc<AtomicUsize>,
    folded: usize,
    most: usize,
}

impl Project<Placed> for Held {
    fn project(&mut self, _: &Placed, _: &Envelope<'_>) {
        self.folded += 1;
        let given = self.given.load(Ordering::SeqCst);
        self.most = self.most.max(given - self.folded);
    }
}

#[tokio::test]
async fn it_holds_one_page_however_many_events_there_are() {
    let inner = MemoryStore::new();
    let placed = ("order", "1", "order.placed", 1, r#"{"cents":1}"#);
    append(&inner, &vec![placed; 2_000]).await;
    let store = Planted::new(inner);
    let held = Held {
        given: Arc::clone(&store.given),
        folded: 0,
        most: 0,
    };
    let held = store.live(held).await.expect("readable");
    assert_eq!((held.folded, held.events()), (2_000, 2_000));
    let page = store.longest_page.load(Ordering::SeqCst);
    assert!(held.most < page && page < 1_000, "{} of {page}", held.most);
}

//! How long an event takes from its append to whoever follows the store. One task appends, another one is told: the next
//! append begins once the last one has arrived, after a pause, so that each finds a reader that waits.

use std::time::{Duration, Instant};

use eventsource_core::{
    Append, Delivery, EventStore, EventStoreExt, Expected, InMemory, Position, Runner,
    RunnerHandle, Start, StreamId, Subscribe, Table,
    prelude::*,
    projection::{Envelope, HandlerError, Project, ProjectIn, ReadModel},
};
use eventsource_sqlite::{SqliteStore, SqliteTx};
use tokio::sync::mpsc;

use crate::{
    bank::{Account, AccountOpened, MoneyDeposited, MoneyWithdrawn},
    log::event,
    rebuild::at_head,
};

/// What the deliveries of one turn took, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// From the call of `append` to the event, the median.
    pub half: f64,
    /// The same, what 99 of 100 took at the most.
    pub most: f64,
    /// From the acknowledgement to the event, the median; below 0 where the event was there first.
    pub behind: f64,
    /// What the appends took themselves, the median.
    pub append: f64,
}

/// What arrives: the position of an event, and when it was there.
type Arrivals = mpsc::UnboundedReceiver<(Position, Instant)>;

/// Who tells it.
type Arrived = mpsc::UnboundedSender<(Position, Instant)>;

/// Delivers so many events through a [`Subscription`](eventsource_core::Subscription), live.
///
/// # Panics
///
/// When the store fails.
pub async fn subscription<S: EventStore + Clone>(store: S, events: usize) -> Latency {
    let subscribe = Subscribe::all(Start::Now);
    let mut subscription = store.subscribe(subscribe).await.expect("a whole store");
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let follower = tokio::spawn(async move {
        loop {
            if let Delivery::Event(event) = subscription.next().await.expect("a whole store") {
                let arrival = (event.position, Instant::now());
                if arrived.send(arrival).is_err() {
                    return;
                }
            }
        }
    });
    let latency = appended(&store, events, arrivals).await;
    follower.abort();
    latency
}

/// Delivers so many events to a read model in memory that a runner keeps up.
///
/// # Panics
///
/// When the store fails.
pub async fn in_memory<S: EventStore + Clone>(store: S, events: usize) -> Latency {
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let model = InMemory::new(move || Heard(arrived.clone()));
    let runner = Runner::new(store.clone()).with(model).start();
    run(&store, runner.expect("one projection"), events, arrivals).await
}

/// Delivers so many events to a read model that a runner keeps up in the transactions of the store. What is measured ends
/// in the handler, before its transaction is committed.
///
/// # Panics
///
/// When the store fails.
pub async fn in_transactions(store: SqliteStore, events: usize) -> Latency {
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let runner = Runner::new(store.clone()).with(HeardIn(arrived)).start();
    run(&store, runner.expect("one projection"), events, arrivals).await
}

async fn run(
    store: &impl EventStore,
    runner: RunnerHandle,
    events: usize,
    arrivals: Arrivals,
) -> Latency {
    let runner = at_head(runner).await;
    let latency = appended(store, events, arrivals).await;
    runner.stop().await;
    latency
}

/// Tells what arrives.
#[derive(Debug, Projection)]
#[projection(
    name = "heard",
    version = 1,
    from(Account),
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn)
)]
struct Heard(Arrived);

/// The same, and counts it in a table.
#[derive(Debug, Projection)]
#[projection(
    name = "heard-in",
    version = 1,
    from(Account),
    events(AccountOpened, MoneyDeposited, MoneyWithdrawn),
    transaction = SqliteTx
)]
struct HeardIn(Arrived);

impl ReadModel for HeardIn {
    const TABLES: &'static [Table] = &[Table::new("heard", "position INTEGER PRIMARY KEY")];
}

impl<E> Project<E> for Heard {
    fn project(&mut self, _: &E, envelope: &Envelope<'_>) {
        let arrival = (envelope.position(), Instant::now());
        self.0.send(arrival).expect("somebody waits for it");
    }
}

impl<E> ProjectIn<SqliteTx, E> for HeardIn {
    fn project(
        &self,
        _: &E,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        self.0.send((envelope.position(), Instant::now()))?;
        let insert = format!("INSERT INTO {} VALUES (?1)", tx.table("heard")?);
        tx.execute(&insert, [envelope.position().number()])?;
        Ok(())
    }
}

/// Appends one event after the other, each once the one before has arrived.
async fn appended(store: &impl EventStore, events: usize, mut arrivals: Arrivals) -> Latency {
    let stream = StreamId::new("account", "1").expect("a legal name");
    let (mut whole, mut behind, mut appends) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..events {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let append = Append::to(stream.clone(), Expected::Any, [event(1, at)]);
        let began = Instant::now();
        let receipt = store.append(append).await.expect("a disk with room");
        let acknowledged = Instant::now();
        let (arrived, arrival) = arrivals.recv().await.expect("the follower lives");
        assert_eq!(Some(arrived), receipt.position(), "one at a time");
        whole.push(nanos(arrival - began));
        appends.push(nanos(acknowledged - began));
        behind.push(nanos(arrival - began) - nanos(acknowledged - began));
    }
    Latency {
        half: percentile(&mut whole, 50),
        most: percentile(&mut whole, 99),
        behind: percentile(&mut behind, 50),
        append: percentile(&mut appends, 50),
    }
}

fn percentile(all: &mut [f64], percent: usize) -> f64 {
    all.sort_by(f64::total_cmp);
    let place = all.len().saturating_sub(1) * percent / 100;
    all.get(place).copied().unwrap_or(f64::NAN)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of hours fit into 52 bits"
)]
fn nanos(time: Duration) -> f64 {
    time.as_nanos() as f64
}

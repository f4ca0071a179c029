//! How long an event takes from its append to whoever follows the store. One task appends, another one is told: the next
//! append begins once the last one has arrived, after a pause, so that each finds a reader that waits.

use std::time::{Duration, Instant};

use eventsource_core::{
    Append, Delivery, EventStore, EventStoreExt, Expected, Position, Start, StreamId, Subscribe,
};
use tokio::sync::mpsc;

use crate::log::event;

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

// A runner of projections is measured by `appended` too: its handler sends to the channel.

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

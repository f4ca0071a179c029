//! A catch-up holds no more in memory than what it delivers next and what comes behind that, whatever takes its time and
//! whatever fails.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use eventsource_core::{
    MemoryStore, OnFailure, Projection, Runner,
    projection::{Envelope, HandlerError, ProjectAsync},
};
use tokio::task::yield_now;

use crate::{
    domain::{CURSED, Filled, Jar, Labelled, Told, at_once, fill, soon, until},
    shelf::{Shelf, Step, TURNS, Then},
};

const BATCH: usize = 10;
const PAGE: usize = 10;
const EVENTS: u64 = 2_000;
/// The batch in hand, the one that is read ahead, and what comes with its last page.
const BOUND: u64 = (2 * BATCH + PAGE) as u64;

/// Takes its time with each event.
#[derive(Projection)]
#[projection(
    name = "leisurely",
    version = 1,
    at_least_once,
    from(Jar),
    events(Filled),
    ignores(Labelled)
)]
struct Leisurely(Told);

impl ProjectAsync<Filled> for Leisurely {
    async fn project(&self, event: &Filled, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        for _ in 0..TURNS {
            yield_now().await;
        }
        self.0.take(event, envelope)
    }
}

/// The most events at a time that were read and not delivered, in a catch-up over a store that is late with everything.
/// Where one is to be cursed, each tenth is.
async fn most_in_hand(has_cursed: bool, advances: impl Fn(u64) -> Then + Send + 'static) -> u64 {
    let (store, told) = (MemoryStore::new(), Told::default());
    for number in 1..=EVENTS {
        let is_cursed = has_cursed && number % 10 == 0;
        fill(&store, number, if is_cursed { CURSED } else { 1 }).await;
    }
    let shelf = Shelf::new(&store);
    let pages = shelf.reads_by(PAGE);
    let count = AtomicU64::new(0);
    shelf.rule(move |step| match step {
        Step::Advance => advances(count.fetch_add(1, Ordering::SeqCst)),
        _ => Then::GoOn,
    });
    let most = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&most);
    told.rule(move |event, envelope| {
        let before = envelope.position().number() - 1;
        let in_hand = pages.furthest().saturating_sub(before);
        seen.fetch_max(in_hand, Ordering::SeqCst);
        match event.coins {
            CURSED => Err(HandlerError::new("the curse")),
            _ => Ok(()),
        }
    });
    let settings = at_once(6).on_failure(OnFailure::Park).with_batch(BATCH);
    let runner = Runner::new(shelf.clone())
        .with_settings(Leisurely(told.clone()), settings)
        .start()
        .expect("nothing is wrong");
    soon(until(&runner, "leisurely", |status| {
        assert!(!status.state.is_stopped(), "{status:?}");
        status.position == status.head
    }))
    .await;
    runner.stop().await;
    let delivered = told.seen().len() as u64;
    assert_eq!(delivered, if has_cursed { EVENTS * 9 / 10 } else { EVENTS });
    most.load(Ordering::SeqCst)
}

#[tokio::test]
async fn where_the_store_takes_its_time_to_keep_what_is_delivered() {
    let most = most_in_hand(false, |_| Then::Late).await;
    assert!(most <= BOUND, "{most} events in hand");
}

#[tokio::test]
async fn where_the_store_can_be_read_and_keeps_nothing_for_a_while() {
    let fails = |advance| match advance {
        3..53 => Then::LateAndFail,
        _ => Then::Late,
    };
    let most = most_in_hand(false, fails).await;
    assert!(most <= BOUND, "{most} events in hand");
}

#[tokio::test]
async fn where_each_tenth_event_fails_and_is_parked() {
    let most = most_in_hand(true, |_| Then::Late).await;
    assert!(most <= BOUND, "{most} events in hand");
}

//! Everything at once, by chance: writers with expectations of all kinds and with keys, failures on the way, readers and
//! subscribers alongside. Afterwards the history has to explain what each of them was told.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use eventsource_core::{
    Append, Capability, Delivery, EventName, EventStoreExt, Expected, NewEvent, Read, ReadError,
    Recorded, Start, StreamId, Subscribe,
    fault::{FaultAction, FaultPoint},
};
use tokio::{
    sync::Barrier,
    task::{JoinHandle, JoinSet},
};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{concurrency::joined, subscription::follow},
    fixture::Setup,
    history::{Attempt, Ticks, verify_all},
    hooks::Script,
    kit::{self, Dice},
    run::words,
};

const WRITERS: u64 = 5;
const STREAMS: u64 = 4;
const KEYS: u64 = 10;

/// The mark of the event that is appended when every other append has returned.
const END: u64 = u64::MAX;

/// One append in twelve fails before its commit, and one in twelve loses its answer.
fn faults(seed: u64) -> Script {
    let asked = AtomicU64::new(0);
    Script::new(move |point| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        match point {
            FaultPoint::BeforeCommit | FaultPoint::AfterCommit if dice.below(12) == 0 => {
                FaultAction::Fail
            }
            _ => FaultAction::GoOn,
        }
    })
}

fn stream(number: u64) -> StreamId {
    kit::stream(&format!("shared {number}"))
}

/// What a subscription with a filter wants: the events with even marks, and the end.
fn noted() -> EventName {
    kit::name("account.noted")
}

fn events(marks: Range<u64>) -> Vec<NewEvent> {
    let mut events = kit::events(marks.clone());
    for (event, mark) in events.iter_mut().zip(marks) {
        if mark % 2 == 1 {
            event.name = kit::name("account.passed_by");
        }
    }
    events
}

/// An append with an expectation of some kind. Under a key it mostly has the content that belongs to the key.
async fn random(store: &Store, dice: &mut Dice, writer: u64, several: bool) -> Append {
    if dice.below(3) == 0 {
        let number = dice.below(KEYS);
        let usual = number * 10;
        let marks = match dice.below(5) {
            0 => usual..usual + 4,
            _ => usual..usual + 1 + number % 3,
        };
        let append = Append::to(stream(number % STREAMS), Expected::Any, events(marks));
        return append.with_key(kit::key(&format!("key {number}")));
    }
    let target = dice.below(STREAMS);
    let expected = match dice.below(7) {
        0 => Expected::Any,
        1 => Expected::Exists,
        2 => Expected::NoStream,
        3 => Expected::Exact(kit::version(1 + dice.below(20))),
        _ => Expected::seen(kit::current(store, &stream(target)).await),
    };
    // Others come between the look at the stream and the append.
    tokio::task::yield_now().await;
    let first = 1_000 * (writer + 1);
    let append = Append::to(
        stream(target),
        expected,
        events(first..first + dice.below(4)),
    )
    .with_missed(usize::from(dice.below(2) == 0) * 5);
    if !several || dice.below(4) != 0 {
        return append;
    }
    let other = (target + 1) % STREAMS;
    let expected = Expected::seen(kit::current(store, &stream(other)).await);
    append.and(
        stream(other),
        expected,
        events(first..first + dice.below(2)),
    )
}

/// The same append with new ids, as somebody makes it who tries again.
fn again(append: &Append) -> Append {
    let mut again = append.clone();
    for event in again.parts.iter_mut().flat_map(|part| &mut part.events) {
        event.id = kit::new_id();
    }
    again
}

async fn writer(store: Store, ticks: Arc<Ticks>, seed: u64, number: u64) -> Vec<Attempt> {
    let several = store.capabilities().has(Capability::MultiStreamAppend);
    let (mut dice, mut attempts) = (Dice::new(seed * 100 + number), Vec::new());
    for _ in 0..25 {
        let append = random(&store, &mut dice, number, several).await;
        attempts.push(Attempt::make(&store, &ticks, append.clone()).await);
        // Who does not know whether it was stored asks again under the same key, until somebody knows.
        while append.key.is_some() && attempts.last().is_some_and(Attempt::is_unknown) {
            attempts.push(Attempt::make(&store, &ticks, again(&append)).await);
        }
    }
    attempts
}

/// What somebody saw who read the whole store, or one stream of it, at some moment.
struct Look {
    began: u64,
    of: Option<StreamId>,
    seen: Vec<Recorded>,
}

/// Looks again and again, until it has seen the end.
fn looking(store: &Store, ticks: &Arc<Ticks>, chance: u64) -> JoinHandle<Vec<Look>> {
    let (store, ticks) = (Arc::clone(store), Arc::clone(ticks));
    tokio::spawn(async move {
        let (mut dice, mut looks) = (Dice::new(chance), Vec::new());
        loop {
            let began = ticks.next();
            let of = (dice.below(2) == 0).then(|| stream(dice.below(STREAMS)));
            let read = of.clone().map_or_else(Read::all, Read::stream);
            let backward = dice.below(2) == 0;
            let read = if backward { read.backward() } else { read };
            let mut seen = match store.read(read).collect().await {
                Err(ReadError::StreamNotFound { .. }) => Vec::new(),
                outcome => outcome.expect("a read"),
            };
            if backward {
                seen.reverse();
            }
            let ended = of.is_none() && seen.last().is_some_and(|last| kit::mark(last) == END);
            looks.push(Look { began, of, seen });
            if ended {
                return looks;
            }
            tokio::task::yield_now().await;
        }
    })
}

/// Follows until it has seen the end.
fn following(store: &Store, subscribe: Subscribe) -> JoinHandle<Vec<Recorded>> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let (mut subscription, mut seen) = (follow(&store, subscribe).await, Vec::new());
        while seen
            .last()
            .is_none_or(|event: &Recorded| kit::mark(event) != END)
        {
            if let Delivery::Event(event) = subscription.next().await.expect("a read") {
                seen.push(event);
            }
        }
        seen
    })
}

/// What was seen is a beginning of the history, and has all that was acknowledged before.
fn assert_prefix(look: &Look, history: &[Recorded], attempts: &[Attempt]) {
    let scoped = history
        .iter()
        .filter(|event| look.of.as_ref().is_none_or(|of| event.stream == *of));
    let scoped: Vec<_> = scoped.collect();
    assert!(
        look.seen.len() <= scoped.len() && look.seen.iter().zip(&scoped).all(|(a, b)| a == *b),
        "a reader of {:?} saw what is no beginning of the history: {:?}",
        look.of,
        look.seen
    );
    let seen = look.seen.last().map(|event| event.position);
    for attempt in attempts
        .iter()
        .filter(|attempt| attempt.ended_before(look.began))
    {
        let parts = attempt
            .receipt()
            .into_iter()
            .flat_map(|receipt| &receipt.streams);
        for part in parts.filter(|part| look.of.as_ref().is_none_or(|of| part.stream == *of)) {
            assert!(
                seen >= Some(part.last_position),
                "a reader that began after an append had returned saw up to {seen:?}, the append stands at {}",
                part.last_position
            );
        }
    }
}

/// Contract 1, 2, 3, 5, 6, 8 and 10.
pub(crate) async fn x_05_whatever_many_do_at_once_the_history_explains_it(bench: Bench) {
    for seed in 0..Bench::times(8, 400) as u64 {
        if let Err(error) = tokio::spawn(storm(bench.clone(), seed)).await {
            panic!("seed {seed}: {}", words(&*error.into_panic()));
        }
    }
}

async fn storm(bench: Bench, seed: u64) {
    let place = bench.place().await;
    let setup = Setup::default();
    let setup = if place.has_faults() {
        setup.with_faults(Arc::new(faults(seed)))
    } else {
        setup
    };
    let store = Open::at(place, setup).await;
    let ticks = Arc::new(Ticks::default());
    let looking = [
        looking(&store, &ticks, seed),
        looking(&store, &ticks, seed + 1),
    ];
    let whole = following(&store, Subscribe::all(Start::Beginning));
    let shared = Subscribe::all(Start::Beginning).named([noted()]);
    let named = following(&store, shared);
    let another = store.another().await;
    let (barrier, mut writers) = (Arc::new(Barrier::new(5)), JoinSet::new());
    for number in 0..WRITERS {
        let of_this = if number % 3 == 2 { &another } else { &*store };
        let (store, ticks) = (Arc::clone(of_this), Arc::clone(&ticks));
        let barrier = Arc::clone(&barrier);
        writers.spawn(async move {
            barrier.wait().await;
            writer(store, ticks, seed, number).await
        });
    }
    let mut attempts = joined(writers).await;
    let end = Append::to(kit::stream("end"), Expected::NoStream, [kit::event(END)])
        .with_key(kit::key("the end"));
    while attempts.last().is_none_or(|last| !last.is_of(&end)) {
        attempts.push(Attempt::make(&store, &ticks, again(&end)).await);
    }
    let history = store.read_all().await.expect("a read");
    verify_all(&history, &attempts);
    for looks in looking {
        for look in looks.await.expect("the reader ends") {
            assert_prefix(&look, &history, &attempts);
        }
    }
    let noted = history.iter().filter(|event| event.name == noted());
    let noted = noted.cloned().collect();
    for (follower, due) in [(whole, history), (named, noted)] {
        let given = follower.await.expect("the reader ends");
        assert!(
            given == due,
            "a subscription saw {} events of {}",
            given.len(),
            due.len()
        );
    }
}

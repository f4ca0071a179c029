//! Code of the program that reads stored events, and panics or fails there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use eventsource_core::{
    Append, EventId, Generation, IdSource, InMemory, MemoryStore, NewEvent, OnFailure, Projection,
    ProjectionState, Reaction, Receipt, Runner, RunnerHandle, StoredPayload, UuidV7,
    prelude::*,
    projection::{DeliveryError, Envelope, HandlerError, Project, ProjectAsync, React, ReactionId},
    runner::{InMemoryState, StopReason},
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::{LONG, at_once, status, until};

/// Weights of which reading panics. Each test has its own.
static PANICKING: Mutex<BTreeSet<i64>> = Mutex::new(BTreeSet::new());

/// A weight that is read by hand.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Weight(i64);

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let weight = i64::deserialize(deserializer)?;
        let panics = PANICKING.lock().expect("no panic").contains(&weight);
        assert!(!panics, "code that reads and panics");
        Ok(Self(weight))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "box.weighed")]
struct Weighed {
    weight: Weight,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "box", id = u64, error = std::convert::Infallible, events(Weighed))]
struct Parcel;

impl Apply<Weighed> for Parcel {
    fn apply(&mut self, _: &Weighed) {}
}

/// Weighs a box, without reading what was weighed before.
async fn weigh(store: &MemoryStore, number: u64, weight: i64) -> Receipt {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        "box.weighed".parse().expect("a legal name"),
        1,
        StoredPayload::json(format!("{{\"weight\":{weight}}}").as_bytes()),
        Timestamp::EPOCH,
    );
    let stream = StreamId::of::<Parcel>(&number).expect("a legal stream");
    let append = Append::to(stream, Expected::Any, [event]);
    store.append(append).await.expect("appended")
}

fn panics(weight: i64, does: bool) {
    let mut panicking = PANICKING.lock().expect("no panic");
    if does {
        panicking.insert(weight);
    } else {
        panicking.remove(&weight);
    }
}

/// What was weighed, by box.
type Weights = BTreeMap<String, Vec<i64>>;

#[derive(Debug, Default, Projection)]
#[projection(name = "weights", version = 1, from(Parcel), events(Weighed))]
struct InMemoryWeights(Weights);

impl Project<Weighed> for InMemoryWeights {
    fn project(&mut self, event: &Weighed, envelope: &Envelope<'_>) {
        let of = self.0.entry(envelope.stream.id().to_owned()).or_default();
        of.push(event.weight.0);
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Weights>>);

impl Kept {
    fn take(&self, event: &Weighed, envelope: &Envelope<'_>) {
        let mut weights = self.0.lock().expect("no panic");
        let of = weights.entry(envelope.stream.id().to_owned()).or_default();
        of.push(event.weight.0);
    }

    fn weights(&self) -> Weights {
        self.0.lock().expect("no panic").clone()
    }
}

#[derive(Clone, Projection)]
#[projection(
    name = "outside",
    version = 1,
    at_least_once,
    from(Parcel),
    events(Weighed)
)]
struct Outside(Kept);

impl ProjectAsync<Weighed> for Outside {
    async fn project(&self, event: &Weighed, at: &Envelope<'_>) -> Result<(), HandlerError> {
        self.0.take(event, at);
        Ok(())
    }
}

#[derive(Clone, Reaction)]
#[reaction(name = "reaction", from(Parcel), events(Weighed))]
struct Effect(Kept);

impl React<Weighed> for Effect {
    async fn react(
        &self,
        event: &Weighed,
        envelope: &Envelope<'_>,
        _: ReactionId,
    ) -> Result<(), HandlerError> {
        self.0.take(event, envelope);
        Ok(())
    }
}

fn weights(of: &[(u64, &[i64])]) -> Weights {
    let of = of
        .iter()
        .map(|(number, weights)| (number.to_string(), weights.to_vec()));
    of.collect()
}

async fn is_parked(runner: &RunnerHandle, name: &str, events: u64) {
    until(runner, name, |status| {
        assert!(!status.state.is_stopped(), "{status:?}");
        status.parked == events && status.lag_events == 0
    })
    .await;
    let error = status(runner, name).await.last_error.expect("it is told");
    let event = error.event.expect("of an event");
    assert!(
        matches!(*event.error, DeliveryError::DecodePanicked),
        "{event}"
    );
    assert!(event.error.is_permanent());
    assert_eq!(
        (event.stream.id(), event.version.get(), event.attempts),
        ("1", 2, 1)
    );
}

#[tokio::test]
async fn an_event_whose_reading_panics_is_parked_and_others_flow() {
    const BAD: i64 = 1_000;
    let store = MemoryStore::new();
    let model = InMemory::new(InMemoryWeights::default);
    let (outside, effect) = (Kept::default(), Kept::default());
    let settings = at_once(5).on_failure(OnFailure::Park);
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), settings)
        .with_settings(Outside(outside.clone()), settings)
        .with_settings(Effect(effect.clone()), settings)
        .start()
        .expect("nothing is wrong");
    // It begins with what comes after its start.
    until(&runner, "reaction", |status| status.generation.is_some()).await;
    panics(BAD, true);
    for (number, weight) in [(1, 1), (2, 1), (1, BAD), (2, 2), (1, 3), (2, 3)] {
        weigh(&store, number, weight).await;
    }
    let flown = weights(&[(1, &[1]), (2, &[1, 2, 3])]);
    for name in ["weights", "outside", "reaction"] {
        is_parked(&runner, name, 2).await;
    }
    assert_eq!(model.read(|model| model.0.clone()), flown);
    assert!(!model.read(InMemoryState::is_torn), "nothing was begun");
    assert_eq!(outside.weights(), flown);
    assert_eq!(effect.weights(), flown);
    // A replay meets it again, and stays alive, too.
    for name in ["weights", "outside", "reaction"] {
        let replayed = runner.replay_parked(name).await.expect("it runs");
        assert_eq!((replayed.delivered, replayed.left.len()), (0, 1), "{name}");
    }
    panics(BAD, false);
    for name in ["weights", "outside", "reaction"] {
        let replayed = runner.replay_parked(name).await.expect("it runs");
        assert_eq!((replayed.delivered, replayed.left.len()), (2, 0), "{name}");
    }
    let all = weights(&[(1, &[1, BAD, 3]), (2, &[1, 2, 3])]);
    assert_eq!(model.read(|model| model.0.clone()), all);
    assert_eq!(outside.weights(), all);
    assert_eq!(effect.weights(), all);
    runner.stop().await;
}

#[tokio::test]
async fn an_event_whose_reading_panics_stops_what_is_to_stop_and_it_goes_on_when_it_is_mended() {
    const BAD: i64 = 2_000;
    let store = MemoryStore::new();
    let model = InMemory::new(InMemoryWeights::default);
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(5))
        .start()
        .expect("nothing is wrong");
    panics(BAD, true);
    for weight in [1, BAD, 3] {
        weigh(&store, 1, weight).await;
    }
    until(&runner, "weights", |status| status.state.is_stopped()).await;
    let stopped = status(&runner, "weights").await;
    let ProjectionState::Stopped(StopReason::Event(event)) = &stopped.state else {
        panic!("{stopped:?}")
    };
    assert_eq!(
        (event.version.get(), event.attempts),
        (2, 1),
        "it is not tried again"
    );
    assert_eq!(model.read(|model| model.0.clone()), weights(&[(1, &[1])]));
    panics(BAD, false);
    runner.resume("weights").expect("it can go on");
    let last = weigh(&store, 1, 4).await;
    runner.wait_for(&last, LONG).await.expect("it is passed");
    assert_eq!(
        model.read(|model| model.0.clone()),
        weights(&[(1, &[1, BAD, 3, 4])])
    );
    let generation = status(&runner, "weights").await.generation;
    assert_eq!(
        generation.map(Generation::number),
        Some(1),
        "nothing was begun anew"
    );
    runner.stop().await;
}

/// What is read is another build by then, of which other events are parked.
#[tokio::test]
async fn a_replay_goes_on_with_what_is_parked_of_the_build_that_is_switched_to() {
    const OLD: i64 = 3_000;
    const NEW: i64 = 4_000;
    let store = MemoryStore::new();
    let model = InMemory::new(InMemoryWeights::default);
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).on_failure(OnFailure::Park))
        .start()
        .expect("nothing is wrong");
    panics(OLD, true);
    weigh(&store, 1, OLD).await;
    for weight in 1..=200 {
        weigh(&store, 1, weight).await;
    }
    weigh(&store, 2, NEW).await;
    until(&runner, "weights", |status| {
        (status.parked, status.lag_events) == (201, 0)
    })
    .await;
    panics(OLD, false);
    panics(NEW, true);
    // Both begin before the first step of either.
    let (rebuilt, replayed) =
        tokio::join!(runner.rebuild("weights"), runner.replay_parked("weights"));
    rebuilt.expect("it catches up");
    let replayed = replayed.expect("it runs");
    let left: Vec<_> = replayed.left.iter().map(|left| left.stream.id()).collect();
    assert_eq!(left, ["2"], "{replayed:?}");
    assert_eq!(status(&runner, "weights").await.parked, 1);
    panics(NEW, false);
    let replayed = runner.replay_parked("weights").await.expect("it runs");
    assert_eq!((replayed.delivered, replayed.left.len()), (1, 0));
    let all: Vec<_> = [OLD].into_iter().chain(1..=200).collect();
    assert_eq!(
        model.read(|model| model.0.clone()),
        weights(&[(1, &all), (2, &[NEW])])
    );
    runner.stop().await;
}

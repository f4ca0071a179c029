//! What each command was told, and whether the history explains it.
#![allow(dead_code, reason = "each program with it uses a part of it")]

use std::collections::{BTreeMap, HashSet};

use eventsource_core::{
    ExecuteError, Position, Receipt, Recorded, SnapshotQuery, StreamId, prelude::*,
};
use serde::{Deserialize, Serialize};

use crate::domain::{Poor, Purse, moved, purse};

/// A command: steps, each of which moves haler into a purse or out of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) number: u64,
    /// Those of one purse stand together.
    pub(crate) steps: Vec<(u64, i64)>,
    /// Whether it has a key or an id, under which it is done once however often it is asked for.
    pub(crate) named: bool,
}

/// One time that a command was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) asked: Asked,
    /// The store's last position before and after.
    pub(crate) window: (u64, u64),
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Stored {
        first: bool,
        parts: Vec<Part>,
    },
    Refused {
        missing: i64,
    },
    /// Certainly not stored by this call: a conflict, or the store could not write.
    NotStored,
    Unknown,
    /// Anything else, none of which may happen.
    Failed(String),
}

/// Where the events of one stream stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) stream: String,
    pub(crate) versions: (u64, u64),
    pub(crate) positions: (u64, u64),
}

impl From<Result<Receipt, ExecuteError<Poor>>> for Outcome {
    fn from(done: Result<Receipt, ExecuteError<Poor>>) -> Self {
        match done {
            Ok(receipt) => {
                let parts = receipt.streams.iter().map(|part| Part {
                    stream: part.stream.to_string(),
                    versions: (part.first_version.get(), part.last_version.get()),
                    positions: (part.first_position.number(), part.last_position.number()),
                });
                Self::Stored {
                    first: receipt.is_first(),
                    parts: parts.collect(),
                }
            }
            Err(error) if error.is_unknown() => Self::Unknown,
            Err(error) if error.is_transient() => Self::NotStored,
            Err(ExecuteError::Refused(Poor { missing })) => Self::Refused { missing },
            Err(error) => Self::Failed(format!("{error:?}")),
        }
    }
}

/// How a purse was after each of its events.
type States = Vec<(u64, Purse)>;

/// A history, folded.
pub(crate) struct Replayed {
    purses: BTreeMap<StreamId, States>,
    /// Of each command, where its steps stand.
    commands: BTreeMap<u64, Vec<Recorded>>,
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl Replayed {
    /// Folds the events one by one: each was decided on the state that it meets, and none is missing.
    pub(crate) fn of(history: &[Recorded]) -> Result<Self, String> {
        let mut replayed = Self {
            purses: BTreeMap::new(),
            commands: BTreeMap::new(),
        };
        let (mut ids, mut before) = (HashSet::new(), 0);
        for event in history {
            let position = event.position.number();
            ensure(position > before && ids.insert(event.id), || {
                format!("the event at {position} is out of order, or comes twice")
            })?;
            before = position;
            let states = replayed.purses.entry(event.stream.clone()).or_default();
            let version = states.len() as u64 + 1;
            ensure(event.version.get() == version, || {
                format!("{} has a hole before {version}", event.stream)
            })?;
            let (mut state, step) = (now(states, position), moved(event));
            let seen = (step.seen_haler, step.seen_events, step.seen_order);
            ensure(seen == (state.haler, state.events, state.order), || {
                format!(
                    "the event at {position}, of command {}, was decided on {seen:?} and meets {state:?}",
                    step.command
                )
            })?;
            state.apply(&step);
            ensure(state.haler >= 0, || {
                format!("{} is below 0 at {position}", event.stream)
            })?;
            states.push((position, state));
            let steps = replayed.commands.entry(step.command).or_default();
            steps.push(event.clone());
        }
        Ok(replayed)
    }

    /// The state of a purse when the store ended at a position.
    fn at(&self, of: u64, position: u64) -> Purse {
        let states = self.purses.get(&purse(of));
        states.map_or_else(Purse::default, |states| now(states, position))
    }

    /// The state of a purse at a version, from 1.
    pub(crate) fn version(&self, stream: &StreamId, version: Version) -> Option<&Purse> {
        let index = usize::try_from(version.get()).ok()? - 1;
        self.purses.get(stream)?.get(index).map(|(_, state)| state)
    }

    pub(crate) fn streams(&self) -> impl Iterator<Item = (&StreamId, &Purse)> {
        self.purses
            .iter()
            .filter_map(|(stream, states)| Some((stream, &states.last()?.1)))
    }

    /// By how much a command is too poor at a position.
    fn missing(&self, asked: &Asked, position: u64) -> Option<i64> {
        let mut left: BTreeMap<u64, i64> = BTreeMap::new();
        for (of, haler) in &asked.steps {
            let left = left
                .entry(*of)
                .or_insert_with(|| self.at(*of, position).haler);
            *left += haler;
            if *left < 0 {
                return Some(-*left);
            }
        }
        None
    }

    /// Every command was told the truth, and nothing else is stored.
    pub(crate) fn explains(&self, told: &[Told]) -> Result<(), String> {
        let mut commands: BTreeMap<u64, Vec<&Told>> = BTreeMap::new();
        for one in told {
            commands.entry(one.asked.number).or_default().push(one);
        }
        for (number, told) in &commands {
            let stored = self.commands.get(number).map_or(&[][..], Vec::as_slice);
            command(&told[0].asked, stored)
                .and_then(|()| told.iter().try_for_each(|one| self.truth(one, stored)))
                .and_then(|()| whole(told, stored))
                .map_err(|wrong| format!("command {number}: {wrong}; it was told {told:?}"))?;
        }
        let stranger = self
            .commands
            .keys()
            .find(|number| !commands.contains_key(number));
        ensure(stranger.is_none(), || {
            format!("command {stranger:?} is stored and was never asked for")
        })
    }

    /// What one call was told is so.
    fn truth(&self, told: &Told, stored: &[Recorded]) -> Result<(), String> {
        let (low, high) = told.window;
        let at = stored.first().map(|event| event.position.number());
        match &told.outcome {
            Outcome::Stored { first, parts } => {
                ensure(*parts == places(stored), || {
                    format!(
                        "its receipt says {parts:?}, and it stands at {:?}",
                        places(stored)
                    )
                })?;
                ensure(at <= Some(high), || {
                    "it was told before it was stored".to_owned()
                })?;
                ensure(!first || at > Some(low), || {
                    "it was told to be the first, and was stored before it was asked for".to_owned()
                })?;
                ensure(*first || told.asked.named, || {
                    "a command without a name was told that it was stored before".to_owned()
                })
            }
            Outcome::Refused { missing } => {
                let moments = low..=high;
                let mut moments =
                    moments.filter_map(|position| self.missing(&told.asked, position));
                ensure(moments.any(|there| there == *missing), || {
                    format!(
                        "it was refused for {missing} haler, which were never missing meanwhile"
                    )
                })?;
                ensure(at.is_none_or(|at| at > low), || {
                    "it was refused after it had been stored".to_owned()
                })
            }
            Outcome::NotStored | Outcome::Unknown => Ok(()),
            Outcome::Failed(error) => Err(error.clone()),
        }
    }
}

/// The state at a position.
fn now(states: &States, position: u64) -> Purse {
    let until = states.partition_point(|(there, _)| *there <= position);
    let last = until.checked_sub(1).map(|last| states[last].1.clone());
    last.unwrap_or_default()
}

/// The steps of a command are there once, in order, side by side; or none of them is.
fn command(asked: &Asked, stored: &[Recorded]) -> Result<(), String> {
    if stored.is_empty() {
        return Ok(());
    }
    let there = stored.iter().map(|event| {
        let step = moved(event);
        (event.stream.clone(), step.step, step.haler)
    });
    let steps = (0..).zip(&asked.steps);
    let wanted = steps.map(|(step, (of, haler))| (purse(*of), step, *haler));
    let (there, wanted): (Vec<_>, Vec<_>) = (there.collect(), wanted.collect());
    ensure(there == wanted, || {
        format!("{there:?} are stored of {wanted:?}")
    })?;
    let first = stored[0].position.number();
    let positions = stored.iter().map(|event| event.position.number());
    ensure(positions.eq(first..first + stored.len() as u64), || {
        "another event is among its own".to_owned()
    })?;
    let causes: HashSet<_> = stored.iter().map(|event| event.causation_id).collect();
    ensure(causes.len() == 1, || {
        format!("its events have the causes {causes:?}")
    })
}

/// What all calls of a command were told fits together.
fn whole(told: &[&Told], stored: &[Recorded]) -> Result<(), String> {
    let firsts = told.iter();
    let firsts = firsts.filter(|one| matches!(one.outcome, Outcome::Stored { first: true, .. }));
    let firsts = firsts.count();
    let is_unknown = told.iter().any(|one| one.outcome == Outcome::Unknown);
    match (stored.is_empty(), firsts, is_unknown) {
        (true, 0, _) | (false, 1, _) | (false, 0, true) => Ok(()),
        (true, _, _) => Err("it is lost".to_owned()),
        (false, 0, false) => Err("it is stored, and nobody was told to be the first".to_owned()),
        (false, _, _) => Err(format!("{firsts} calls were told to be the first")),
    }
}

/// Where stored steps stand, as a receipt says it.
fn places(stored: &[Recorded]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for event in stored {
        let (version, position) = (event.version.get(), event.position.number());
        let stream = event.stream.to_string();
        match parts.last_mut().filter(|last| last.stream == stream) {
            Some(last) => (last.versions.1, last.positions.1) = (version, position),
            None => parts.push(Part {
                stream,
                versions: (version, version),
                positions: (position, position),
            }),
        }
    }
    parts
}

/// Everything that is stored explains everything that was told: the events, and each snapshot. Says how many snapshots.
pub(crate) async fn verified(store: &dyn EventStore, told: &[Told]) -> Result<usize, String> {
    let history = store.read_all().await.map_err(|error| error.to_string())?;
    let replayed = Replayed::of(&history)?;
    replayed.explains(told)?;
    let (snapshots, mut count) = (store.snapshots().ok_or("no snapshots")?, 0);
    for (stream, _) in replayed.streams() {
        let mut query = SnapshotQuery::newest(stream.clone(), Purse::FINGERPRINT);
        while let Ok(Some(snapshot)) = snapshots.find_snapshot(&query).await {
            let state = Purse::decode(&snapshot.bytes).map_err(|error| error.to_string())?;
            let due = replayed.version(stream, snapshot.version);
            ensure(due == Some(&state), || {
                format!(
                    "the snapshot of {stream} at {} is {state:?}, and its events are {due:?}",
                    snapshot.version
                )
            })?;
            count += 1;
            query.to_version = Version::new(snapshot.version.get() - 1);
            if query.to_version.is_none() {
                break;
            }
        }
    }
    Ok(count)
}

/// Each repository, whatever it has in its cache, loads what the events say.
pub(crate) async fn assert_loads(store: &dyn EventStore, repositories: &[Repository<Purse>]) {
    let history = store.read_all().await.expect("a read");
    let replayed = Replayed::of(&history).expect("a history");
    for (stream, state) in replayed.streams() {
        let id: u64 = stream.id().parse().expect("the id of a purse");
        for purses in repositories {
            let loaded = purses.load(&id).await.expect("a purse");
            assert_eq!(loaded.state(), state);
        }
    }
}

/// Where a store ends.
pub(crate) async fn end(store: &dyn EventStore) -> u64 {
    let head = store.head().await.expect("a read");
    head.map_or(0, Position::number)
}

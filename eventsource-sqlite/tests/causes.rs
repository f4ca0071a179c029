//! Who caused what, over thousands of commands: what a test has recorded is what the store finds again.
//!
//! `EVENTSOURCE_LONG=1` plays 10,000 commands instead of a few hundred.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::collections::{BTreeMap, HashMap, VecDeque};

use common::folder;
use eventsource_core::{
    CausationId, CommandId, CorrelationId, EventId, Position, Read, prelude::*,
};
use eventsource_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "jar.filled")]
struct Filled {
    command: u64,
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "jar", id = u64, error = std::convert::Infallible, events(Filled))]
struct Jar;

impl Apply<Filled> for Jar {
    fn apply(&mut self, _: &Filled) {}
}

struct Fill {
    command: u64,
    events: u64,
}

impl Handle<Fill> for Jar {
    fn handle(&self, fill: &Fill) -> Decision<Self> {
        let filled = |_| Filled {
            command: fill.command,
        };
        Ok((0..fill.events).map(filled).collect::<Vec<_>>().into())
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % bound as u64).unwrap()
    }

    fn id<T: From<uuid::Uuid>>(&mut self) -> T {
        let half = |dice: &mut Self| dice.below(usize::MAX) as u64;
        uuid::Uuid::from_u64_pair(half(self), half(self)).into()
    }
}

/// What the test knows of an event: its own word for the cause and the conversation, and the place that it was told.
struct Known {
    id: EventId,
    position: Position,
    cause: CausationId,
    conversation: CorrelationId,
}

#[derive(Default)]
struct Record {
    events: Vec<Known>,
    commands: Vec<CommandId>,
}

/// Plays commands through a repository, each caused by an earlier event or by nobody.
async fn played<S: EventStore + Clone>(store: &S, commands: u64, seed: u64) -> Record {
    let (jars, mut dice) = (Repository::<Jar>::new(store.clone()), Dice(seed));
    let mut record = Record::default();
    for command in 0..commands {
        let id: CommandId = dice.id();
        let mut context = Context::new().with_command_id(id);
        let (cause, conversation);
        if record.events.is_empty() || dice.below(4) == 0 {
            cause = CausationId::from(id);
            conversation = if dice.below(2) == 0 {
                let begun = dice.id();
                context = context.in_conversation(begun);
                begun
            } else {
                id.into()
            };
            record.commands.push(id);
        } else {
            let known = &record.events[dice.below(record.events.len())];
            (cause, conversation) = (known.id.into(), known.conversation);
            let read = Read::all()
                .from_position(known.position)
                .to_position(known.position);
            let event = store.last(read).await.unwrap().unwrap();
            context = context.caused_by(&event);
        }
        let (jar, events) = (dice.below(60) as u64, 1 + dice.below(3) as u64);
        let jars = jars.within(context);
        let receipt = jars.execute(&jar, Fill { command, events });
        let receipt = receipt.await.unwrap();
        let place = &receipt.streams[0];
        let read = Read::all()
            .from_position(place.first_position)
            .to_position(place.last_position);
        let stored = store.read(read).collect().await.unwrap();
        assert_eq!(stored.len() as u64, events);
        record.events.extend(stored.iter().map(|event| Known {
            id: event.id,
            position: event.position,
            cause,
            conversation,
        }));
    }
    record
}

/// The tree that follows from the record: positions and depths, in the order of positions.
fn expected(
    root: CausationId,
    record: &Record,
    effects: &HashMap<CausationId, Vec<usize>>,
) -> BTreeMap<Position, usize> {
    let (mut tree, mut next) = (BTreeMap::new(), VecDeque::from([(root, 0)]));
    while let Some((cause, depth)) = next.pop_front() {
        for event in effects.get(&cause).into_iter().flatten() {
            let event = &record.events[*event];
            tree.insert(event.position, depth + 1);
            next.push_back((event.id.into(), depth + 1));
        }
    }
    tree
}

async fn assert_found<S: EventStore>(store: &S, record: &Record) {
    let mut conversations: BTreeMap<CorrelationId, Vec<Position>> = BTreeMap::new();
    let mut effects: HashMap<CausationId, Vec<usize>> = HashMap::new();
    for (place, event) in record.events.iter().enumerate() {
        let conversation = conversations.entry(event.conversation).or_default();
        conversation.push(event.position);
        effects.entry(event.cause).or_default().push(place);
    }
    for (conversation, expected) in &conversations {
        let read = Read::all().correlated(*conversation);
        let found = store.read(read).collect().await.unwrap();
        let found: Vec<_> = found.iter().map(|event| event.position).collect();
        assert_eq!(&found, expected, "the conversation {conversation}");
    }
    let commands = record.commands.iter().map(|id| CausationId::from(*id));
    let events = record.events.iter().map(|event| event.id.into());
    let mut deepest = 0;
    for root in commands.chain(events) {
        let tree = store.causation_tree(root).await.unwrap();
        let found: Vec<_> = tree
            .iter()
            .map(|caused| (caused.event.position, caused.depth))
            .collect();
        let expected: Vec<_> = expected(root, record, &effects).into_iter().collect();
        assert_eq!(found, expected, "the tree of {root}");
        deepest = deepest.max(tree.depth());
    }
    assert!(
        conversations.len() > 50 && deepest > 5,
        "the test has a subject"
    );
}

fn commands() -> u64 {
    if std::env::var_os("EVENTSOURCE_LONG").is_some_and(|value| value == "1") {
        10_000
    } else {
        300
    }
}

#[tokio::test]
async fn conversations_and_trees_in_memory_are_what_was_recorded() {
    let store = MemoryStore::new();
    let record = played(&store, commands(), 1).await;
    assert_found(&store, &record).await;
}

#[tokio::test]
async fn conversations_and_trees_in_a_file_are_what_was_recorded() {
    let (_folder, path) = folder();
    let options = SqliteOptions::new(&path).with_synchronous(Synchronous::Normal);
    let store = SqliteStore::open_with(options.clone()).await.unwrap();
    let record = played(&store, commands(), 2).await;
    assert_found(&store, &record).await;
    store.close().await;
    let store = SqliteStore::open_with(options).await.unwrap();
    assert_found(&store, &record).await;
}

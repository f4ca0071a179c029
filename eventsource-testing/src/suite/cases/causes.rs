//! Reading by what the envelope says of conversations and causes.

use std::collections::BTreeSet;

use crate::suite::{
    bench::{Bench, Open, Store},
    kit::{self, Dice},
};
use eventsource_core::{
    Append, CausationId, CorrelationId, EventName, Expected, NewEvent, Read, ReadError, Recorded,
    Scope, StreamId, Tag, Version,
};

/// More than a store may follow by an index at once.
const MANY: u64 = 40;

/// The case's own words for what is wanted, so that they can be compared with the store's.
#[derive(Debug, Default)]
struct Wanted {
    stream: Option<StreamId>,
    category: Option<&'static str>,
    name: Option<EventName>,
    tag: Option<Tag>,
    conversation: Option<CorrelationId>,
    causes: Option<BTreeSet<CausationId>>,
}

impl Wanted {
    fn by_chance(dice: &mut Dice, all: &[Recorded]) -> Self {
        let mut wanted = Self::default();
        match dice.below(4) {
            0 => wanted.stream = Some(all[pick(dice, all.len())].stream.clone()),
            1 => wanted.category = Some(CATEGORIES[pick(dice, 2)]),
            _ => {}
        }
        if dice.below(3) == 0 {
            wanted.name = Some(kit::name(NAMES[pick(dice, 2)]));
        }
        if dice.below(3) == 0 {
            wanted.tag = Some(Tag::new("red").expect("a legal tag"));
        }
        let which = dice.below(3);
        if which != 0 {
            // Some of these no event has.
            wanted.conversation = Some(kit::conversation(dice.below(8)));
        }
        if which != 1 {
            let count = [1, 2, 17][pick(dice, 3)];
            wanted.causes = Some(
                (0..count)
                    .map(|_| kit::cause(dice.below(MANY + 5)))
                    .collect(),
            );
        }
        wanted
    }

    fn holds(&self, event: &Recorded) -> bool {
        self.stream.as_ref().is_none_or(|one| event.stream == *one)
            && self
                .category
                .is_none_or(|one| event.stream.category().as_str() == one)
            && self.name.as_ref().is_none_or(|one| event.name == *one)
            && self.tag.as_ref().is_none_or(|one| event.tags.contains(one))
            && (self.conversation.is_none() || event.correlation_id == self.conversation)
            && self.causes.as_ref().is_none_or(|causes| {
                causes
                    .iter()
                    .any(|cause| event.causation_id == Some(*cause))
            })
    }

    fn read(&self) -> Read {
        let scope = match (&self.stream, self.category) {
            (Some(stream), _) => Scope::Stream(stream.clone()),
            (None, Some(name)) => Scope::Category(name.parse().expect("a legal category")),
            (None, None) => Scope::All,
        };
        let mut read = Read::new(scope);
        if let Some(name) = &self.name {
            read = read.named([name.clone()]);
        }
        if let Some(tag) = &self.tag {
            read = read.tagged([tag.clone()]);
        }
        if let Some(conversation) = self.conversation {
            read = read.correlated(conversation);
        }
        if let Some(causes) = &self.causes {
            read = read.caused_by(causes.iter().copied());
        }
        read
    }
}

const CATEGORIES: [&str; 2] = ["account", "order"];
const NAMES: [&str; 2] = ["account.moved", "account.closed"];

fn pick(dice: &mut Dice, count: usize) -> usize {
    usize::try_from(dice.below(count as u64)).expect("small")
}

/// Some events have no conversation, or no cause.
fn by_chance(dice: &mut Dice, mark: u64) -> NewEvent {
    let mut event = kit::event(mark);
    event.name = kit::name(NAMES[pick(dice, 2)]);
    event.correlation_id = (dice.below(5) != 0).then(|| kit::conversation(dice.below(6)));
    event.causation_id = (dice.below(5) != 0).then(|| kit::cause(dice.below(MANY)));
    if dice.below(2) == 0 {
        event.tags.insert(Tag::new("red").expect("a legal tag"));
    }
    event
}

async fn prepared(bench: &Bench, seed: u64) -> (Open, Vec<Recorded>) {
    let (store, mut dice) = (bench.store().await, Dice::new(seed));
    for mark in 0..80 {
        let event = by_chance(&mut dice, mark);
        let category = CATEGORIES[pick(&mut dice, 2)];
        let stream = StreamId::new(category, dice.below(3).to_string()).expect("a legal name");
        store
            .append(Append::to(stream, Expected::Any, [event]))
            .await
            .expect("an append");
    }
    let all = kit::all(&store).await;
    assert_eq!(all.len(), 80);
    (store, all)
}

/// A read gives what looking at every event gives.
async fn assert_as_by_hand(store: &Store, all: &[Recorded], dice: &mut Dice, wanted: &Wanted) {
    let mut expected: Vec<_> = all
        .iter()
        .filter(|event| wanted.holds(event))
        .cloned()
        .collect();
    let mut read = wanted.read();
    if dice.below(3) == 0 {
        let from = all[pick(dice, all.len())].position;
        expected.retain(|event| event.position >= from);
        read = read.from_position(from);
    }
    if dice.below(3) == 0 && wanted.stream.is_some() {
        let to = Version::new(1 + dice.below(20)).expect("not 0");
        expected.retain(|event| event.version <= to);
        read = read.to_version(to);
    }
    if dice.below(2) == 0 {
        expected.reverse();
        read = read.backward();
    }
    if dice.below(2) == 0 {
        let limit = dice.below(4);
        expected.truncate(usize::try_from(limit).expect("small"));
        read = read.limit(limit);
    }
    let found = store.read(read.clone()).collect().await.expect("a read");
    assert_eq!(kit::marks(&found), kit::marks(&expected), "{read:?}");
    assert_eq!(found, expected);
}

/// Contract 10.
pub(crate) async fn x_06_events_are_read_by_their_conversation(bench: Bench) {
    let (store, all) = prepared(&bench, 6).await;
    for number in 0..7 {
        let conversation = kit::conversation(number);
        let read = Read::all().correlated(conversation);
        let expected = all
            .iter()
            .filter(|event| event.correlation_id == Some(conversation));
        let expected: Vec<_> = expected.cloned().collect();
        assert_eq!(expected.is_empty(), number == 6, "the case has a subject");
        let found = store.read(read).collect().await.expect("a read");
        assert_eq!(
            kit::marks(&found),
            kit::marks(&expected),
            "the events of one conversation"
        );
    }
    // The last one that was asked for counts.
    let read = Read::all()
        .correlated(kit::conversation(5))
        .correlated(kit::conversation(1));
    assert_eq!(read, Read::all().correlated(kit::conversation(1)));
}

/// Contract 10.
pub(crate) async fn x_07_events_are_read_by_what_caused_them(bench: Bench) {
    let (store, all) = prepared(&bench, 7).await;
    for causes in [0..1, 3..5, 0..17, 0..MANY, MANY..MANY + 1] {
        let causes: Vec<_> = causes.map(kit::cause).collect();
        let expected = all.iter().filter(|event| {
            let cause = event.causation_id;
            cause.is_some_and(|cause| causes.contains(&cause))
        });
        let expected: Vec<_> = expected.cloned().collect();
        let read = Read::all().caused_by(causes.iter().copied());
        let found = store.read(read).collect().await.expect("a read");
        assert_eq!(
            kit::marks(&found),
            kit::marks(&expected),
            "the events of {} causes",
            causes.len()
        );
    }
    let nothing = Read::all().caused_by([] as [CausationId; 0]);
    let refused = store.read(nothing).collect().await;
    assert!(
        matches!(refused, Err(ReadError::Invalid { .. })),
        "no cause is no way to say all: {refused:?}"
    );
}

/// Contract 10.
pub(crate) async fn x_08_conversations_and_causes_go_with_every_other_filter(bench: Bench) {
    for seed in 0..Bench::times(4, 100) as u64 {
        let (store, all) = prepared(&bench, seed).await;
        let mut dice = Dice::new(seed);
        for _ in 0..40 {
            let wanted = Wanted::by_chance(&mut dice, &all);
            assert_as_by_hand(&store, &all, &mut dice, &wanted).await;
        }
    }
}

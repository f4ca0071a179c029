//! Who and why: what the events carry.

use std::sync::Arc;

use eventsource_core::{
    Actor, CommandId, Context, CorrelationId, CountingIds, EventStoreExt, ManualClock, MemoryStore,
    Metadata, Recorded, Repository, Tag, Timestamp,
};
use uuid::Uuid;

use crate::domain::{Account, Deposit, Open};

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

fn accounts(now: Timestamp) -> Repository<Account> {
    Repository::<Account>::new(MemoryStore::with_clock(Arc::new(ManualClock::at(now))))
        .with_clock(Arc::new(ManualClock::at(now)))
        .with_ids(Arc::new(CountingIds::from(1)))
}

async fn events(accounts: &Repository<Account>) -> Vec<Recorded> {
    accounts.store().read_all().await.expect("readable")
}

#[tokio::test]
async fn what_the_caller_says_is_in_the_envelope_of_every_event() {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let then: Timestamp = "1994-03-30T00:00:00Z".parse().expect("a time");
    let accounts = accounts(now);
    let metadata = Metadata::new()
        .with("reason", "import")
        .expect("a free key");
    let context = Context::new()
        .by(Actor::new("ann").expect("a legal actor"))
        .with_command_id(id::<CommandId>(500))
        .in_conversation(id::<CorrelationId>(600))
        .occurred_at(then)
        .with_metadata(metadata.clone())
        .tagged(Tag::new("branch:praha").expect("a legal tag"));
    let mut unit = accounts.within(context).begin(&1).await.expect("a unit");
    unit.execute(Open).expect("opened");
    unit.execute(Deposit(1)).expect("deposited");
    unit.commit().await.expect("stored");
    let events = events(&accounts).await;
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(event.actor.as_ref().map(Actor::as_str), Some("ann"));
        assert_eq!(event.correlation_id, Some(id(600)));
        assert_eq!(event.causation_id, Some(id(500)));
        assert_eq!((event.occurred_at, event.recorded_at), (then, now));
        assert_eq!(event.metadata, metadata);
        assert_eq!(
            event.tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
            ["branch:praha"]
        );
    }
}

#[tokio::test]
async fn what_the_caller_leaves_out_is_made_up() {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let accounts = accounts(now);
    accounts.execute(&1, Open).await.expect("opened");
    let [opened] = events(&accounts).await.try_into().expect("one event");
    // The command takes the first id: it is the cause, and begins the conversation.
    assert_eq!(opened.causation_id, Some(id(1)));
    assert_eq!(opened.correlation_id, Some(id(1)));
    assert_eq!(opened.id, id(2));
    assert_eq!(opened.occurred_at, now);
    assert_eq!(
        (opened.actor.as_ref(), opened.metadata.is_empty()),
        (None, true)
    );
}

#[tokio::test]
async fn what_an_event_causes_belongs_to_its_conversation() {
    let accounts = accounts(Timestamp::EPOCH);
    accounts.execute(&1, Open).await.expect("opened");
    let opened = events(&accounts).await.remove(0);
    accounts
        .within(Context::new().caused_by(&opened))
        .execute(&1, Deposit(1))
        .await
        .expect("deposited");
    let deposited = events(&accounts).await.remove(1);
    assert_eq!(deposited.causation_id, Some(opened.id.into()));
    assert_eq!(deposited.correlation_id, opened.correlation_id);
}

fn facts(facts: &[(&str, &str)]) -> Metadata {
    let add = |all: Metadata, (key, value): &(&str, &str)| all.with(*key, *value);
    facts
        .iter()
        .try_fold(Metadata::new(), add)
        .expect("free keys")
}

fn actor(name: &str) -> Actor {
    Actor::new(name).expect("a legal actor")
}

#[tokio::test]
async fn who_and_why_flow_on_into_whatever_is_caused_however_far() {
    let accounts = accounts(Timestamp::EPOCH);
    let context = Context::new()
        .by(actor("ann"))
        .in_conversation(id(600))
        .with_key("k".parse().expect("a legal key"))
        .occurred_at(Timestamp::from_micros(-1))
        .with_metadata(facts(&[("tenant", "east"), ("reason", "import")]))
        .tagged(Tag::new("branch:praha").expect("a legal tag"));
    accounts
        .within(context)
        .execute(&1, Open)
        .await
        .expect("opened");
    for number in 2..5_u64 {
        let last = events(&accounts).await.pop().expect("an event");
        let context = Context::new().caused_by(&last);
        accounts
            .within(context)
            .execute(&number, Open)
            .await
            .expect("opened");
    }
    let events = events(&accounts).await;
    for (cause, event) in events.iter().zip(&events[1..]) {
        assert_eq!(event.causation_id, Some(cause.id.into()));
        assert_eq!(event.correlation_id, Some(id(600)));
        assert_eq!(event.actor, Some(actor("ann")));
        assert_eq!(
            event.metadata,
            facts(&[("tenant", "east"), ("reason", "import")])
        );
        // What an event is about, and when it happened, is its own.
        assert!(event.tags.is_empty());
        assert_eq!(event.occurred_at, Timestamp::EPOCH);
    }
}

#[tokio::test]
async fn what_the_caller_says_stands_before_what_flows_on_in_either_order() {
    let accounts = accounts(Timestamp::EPOCH);
    let first = Context::new()
        .by(actor("ann"))
        .with_metadata(facts(&[("tenant", "east"), ("reason", "import")]));
    accounts.within(first).execute(&1, Open).await.expect("ok");
    let opened = events(&accounts).await.remove(0);
    let own = |context: Context| {
        context
            .by(actor("bob"))
            .in_conversation(id(700))
            .with_metadata(facts(&[("reason", "audit")]))
    };
    let before = own(Context::new()).caused_by(&opened);
    let after = own(Context::new().caused_by(&opened));
    assert_eq!(before, after);
    assert_eq!(after.actor, Some(actor("bob")));
    assert_eq!(after.correlation_id, Some(id(700)));
    assert_eq!(
        after.metadata,
        facts(&[("tenant", "east"), ("reason", "audit")])
    );
    // An event without a conversation begins one.
    let mut alone = (*opened).clone();
    alone.correlation_id = None;
    let context = Context::new().caused_by(&alone);
    assert_eq!(context.correlation_id, Some(alone.id.as_uuid().into()));
}

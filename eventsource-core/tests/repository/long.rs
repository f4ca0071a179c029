//! A long stream: what a load reads does not grow with it. It is counted, and not timed.

use eventsource_core::{
    Append, EventId, EventName, IdSource, Keep, NewEvent, Origin, Snapshot, StoredPayload,
    StoredSnapshot, UuidV7, prelude::*, snapshot::every,
};

use crate::{
    domain::{Account, Deposit, Withdraw, version},
    watched::Watched,
};

const EVENTS: u64 = 1_000_000;
const AT_ONCE: usize = 10_000;

/// Account 1 with a million events, of which all but the first are deposits of 1, and a snapshot of the last one.
async fn long() -> Watched {
    let store = MemoryStore::new();
    let stream = StreamId::of::<Account>(&1).expect("a stream");
    let deposited = EventName::new("account.deposited").expect("a legal name");
    let opened = EventName::new("account.opened").expect("a legal name");
    let mut last = None;
    for first in (1..=EVENTS).step_by(AT_ONCE) {
        let events: Vec<_> = (first..)
            .take(AT_ONCE)
            .map(|number| {
                let (name, json): (_, &[u8]) = match number {
                    1 => (&opened, br#"{"owner":"ann"}"#),
                    _ => (&deposited, br#"{"cents":1}"#),
                };
                let id = EventId::new(UuidV7.next_id());
                let payload = StoredPayload::json(json);
                NewEvent::new(id, name.clone(), 1, payload, Timestamp::EPOCH)
            })
            .collect();
        last = events.last().map(|event| event.id);
        let append = Append::to(stream.clone(), Expected::Any, events);
        store.append(append).await.expect("stored");
    }
    let account = Account {
        open: true,
        cents: 999_999,
        applied: 1_000_000,
    };
    let mut bytes = Vec::new();
    Snapshot::encode(&account, &mut bytes).expect("it has a form");
    let snapshot = StoredSnapshot::new(
        stream,
        version(EVENTS),
        last.expect("a million events"),
        Account::FINGERPRINT,
        Timestamp::EPOCH,
        Timestamp::EPOCH,
        None,
        bytes,
    );
    let snapshots = store.snapshots().expect("it keeps snapshots");
    let saved = snapshots.save_snapshot(snapshot, Keep::All).await;
    saved.expect("saved");
    Watched::new(store)
}

#[tokio::test]
async fn of_a_million_events_a_load_reads_no_more_than_those_of_the_policy_and_one() {
    let store = long().await;
    let mut applied = EVENTS;
    for most in [1, 7, 100] {
        let accounts = Repository::<Account>::new(store.clone())
            .snapshot(every(most))
            .keep_snapshots(Keep::All);
        for round in 0..2 * most + 3 {
            store.events();
            if round % 2 == 0 {
                accounts.execute(&1, Deposit(1)).await.expect("a deposit");
            } else {
                accounts.execute(&1, Withdraw(1)).await.expect("withdrawn");
            }
            applied += 1;
            let bound = 1 + most;
            assert!(store.events() <= bound, "a command of {most}");
            accounts.snapshots_settled().await;
            let loaded = accounts.load(&1).await.expect("the account");
            let read = store.events();
            assert!(read <= bound, "{read} for {most}");
            assert_eq!(loaded.events_read(), read);
            assert_eq!(u64::from(loaded.applied), applied);
            assert!(matches!(loaded.origin(), Origin::Snapshot(from) if from >= version(EVENTS)));
        }
    }
    // As of any version behind a snapshot, too.
    let accounts = Repository::<Account>::new(store.clone()).snapshot(every(100));
    store.events();
    let then = accounts
        .load_as_of(&1, AsOf::Version(version(EVENTS)))
        .await;
    assert_eq!(u64::from(then.expect("the account").applied), EVENTS);
    assert!(store.events() <= 1);
}

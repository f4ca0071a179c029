//! The faulty store: each fault has the outcome that it promises, happens when it should, and is counted.

use eventsource_core::{
    Append, AppendError, AppendKey, EventId, EventName, EventStore, EventStoreExt, Expected,
    IdSource, MemoryStore, NewEvent, Receipt, Rejection, StoredPayload, StreamId, Timestamp,
    UuidV7, Version,
};
use eventsource_testing::faulty::{Fault, FaultyStore, Hold, Injection};

type Store = FaultyStore<MemoryStore>;

fn store() -> Store {
    FaultyStore::new(MemoryStore::new())
}

fn stream(id: &str) -> StreamId {
    StreamId::new("account", id).expect("a legal name")
}

/// One event to a stream.
fn to(id: &str, expected: Expected) -> Append {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("account.noted").expect("a legal name"),
        1,
        StoredPayload::json(b"{}"),
        Timestamp::EPOCH,
    );
    Append::to(stream(id), expected, [event])
}

async fn append(store: &Store) -> Result<Receipt, AppendError> {
    store.append(to("1", Expected::Any)).await
}

async fn stored(store: &Store) -> usize {
    store.read_all().await.expect("a read").len()
}

#[tokio::test]
async fn a_refusal_is_for_good_and_stores_nothing() {
    let store = store();
    store.inject(Fault::Reject);
    let error = append(&store).await.expect_err("it was injected");
    assert!(
        matches!(error, AppendError::Rejected(Rejection::Engine { .. })),
        "{error:?}"
    );
    assert!(!error.is_transient());
    assert_eq!((stored(&store).await, store.injected().rejected), (0, 1));
    append(&store).await.expect("once only");
}

#[tokio::test]
async fn a_failure_before_the_commit_may_be_tried_again_and_stores_nothing() {
    let store = store();
    store.inject(Fault::FailBefore);
    let error = append(&store).await.expect_err("it was injected");
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(
        (stored(&store).await, store.injected().failed_before),
        (0, 1)
    );
    append(&store).await.expect("once only");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_stored_and_a_lost_request_is_unknown_and_not_stored() {
    for (fault, there) in [(Fault::FailAfterCommit, 1), (Fault::LoseRequest, 0)] {
        let store = store();
        store.inject(fault.clone());
        let keyed = || to("1", Expected::NoStream).with_key(AppendKey::new("k").expect("a key"));
        let error = store.append(keyed()).await.expect_err("it was injected");
        assert!(error.is_unknown(), "{error:?}");
        assert_eq!(stored(&store).await, there, "{fault:?}");
        let receipt = store.append(keyed()).await.expect("the key tells");
        assert_eq!(receipt.is_first(), there == 0, "{fault:?}");
        assert_eq!(
            stored(&store).await,
            1,
            "neither lost nor doubled: {fault:?}"
        );
        let injected = store.injected();
        assert_eq!((injected.appends, injected.total()), (2, 1));
        assert_eq!(
            (injected.answers_lost, injected.requests_lost),
            (there as u64, 1 - there as u64)
        );
    }
}

#[tokio::test]
async fn the_answer_that_is_lost_may_be_a_conflict() {
    let store = store();
    store.inject(Fault::FailAfterCommit);
    let error = store.append(to("1", Expected::Exists)).await;
    assert!(
        error
            .expect_err("nobody is told of the conflict")
            .is_unknown()
    );
    assert_eq!(stored(&store).await, 0);
}

#[tokio::test]
async fn a_conflict_tells_the_stream_as_it_is_and_stores_nothing() {
    let store = store();
    append(&store).await.expect("nothing is in its way");
    store.inject(Fault::Conflict);
    let expected = Expected::Exact(Version::FIRST);
    let error = store.append(to("1", expected)).await;
    let Err(AppendError::Conflict(conflict)) = error else {
        panic!("a conflict, not {error:?}");
    };
    let told: Vec<_> = conflict
        .streams
        .iter()
        .map(|one| (&one.stream, one.expected, one.actual))
        .collect();
    assert_eq!(told, [(&stream("1"), expected, Some(Version::FIRST))]);
    assert_eq!((stored(&store).await, store.injected().conflicts), (1, 1));
}

#[tokio::test]
async fn a_rival_is_faster() {
    let store = store();
    store.inject(Fault::rival(to("1", Expected::NoStream)));
    let error = store.append(to("1", Expected::NoStream)).await;
    assert!(error.expect_err("the rival was there").is_conflict());
    assert_eq!((stored(&store).await, store.injected().rivals), (1, 1));
    // A rival that cannot append is a mistake in the test, and is told.
    store.inject(Fault::rival(to("1", Expected::NoStream)));
    let error = append(&store).await.expect_err("the rival conflicts");
    let AppendError::Rejected(Rejection::Engine { source }) = error else {
        panic!("{error:?}");
    };
    assert!(
        source
            .to_string()
            .starts_with("the rival could not append: the stream `account-1`")
    );
}

#[tokio::test]
async fn what_is_held_waits_for_the_test_and_others_pass() {
    let (store, hold) = (store(), Hold::new());
    store.inject(
        Injection::new(Fault::Delay(hold.clone()))
            .on(stream("slow"))
            .times(2),
    );
    let slow = || {
        let store = store.clone();
        tokio::spawn(async move { store.append(to("slow", Expected::Any)).await })
    };
    let two = [slow(), slow()];
    hold.holds(2).await;
    append(&store).await.expect("another stream");
    assert_eq!(stored(&store).await, 1);
    hold.let_go();
    for one in two {
        one.await.expect("it ends").expect("it goes on");
    }
    let order = store.read_all().await.expect("a read");
    assert_eq!(order[0].stream, stream("1"), "it was first");
    assert_eq!((order.len(), store.injected().delayed), (3, 2));
}

#[tokio::test]
async fn what_is_dropped_while_it_is_held_stores_nothing() {
    let (store, hold) = (store(), Hold::new());
    store.inject(Fault::Delay(hold.clone()));
    let waiting = {
        let store = store.clone();
        tokio::spawn(async move { append(&store).await })
    };
    hold.holds(1).await;
    waiting.abort();
    assert!(waiting.await.expect_err("it was dropped").is_cancelled());
    hold.let_go();
    assert_eq!(stored(&store).await, 0);
}

/// Which of the next appends fail.
async fn failing(store: &Store, ids: &[&str]) -> Vec<usize> {
    let mut failing = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        if store.append(to(id, Expected::Any)).await.is_err() {
            failing.push(place);
        }
    }
    failing
}

#[tokio::test]
async fn it_happens_as_often_and_as_late_as_was_said() {
    let eight = ["1"; 8];
    let on = |injection: Injection| {
        let store = store();
        store.inject(injection);
        store
    };
    let fault = || Injection::new(Fault::Reject);
    assert_eq!(failing(&on(fault()), &eight).await, [0]);
    assert_eq!(failing(&on(fault().times(3)), &eight).await, [0, 1, 2]);
    assert_eq!(failing(&on(fault().nth(4)), &eight).await, [3]);
    assert_eq!(failing(&on(fault().nth(4).times(2)), &eight).await, [3, 4]);
    assert_eq!(failing(&on(fault().nth(7).always()), &eight).await, [6, 7]);
    assert_eq!(failing(&on(fault().nth(0)), &eight).await, [0]);
    let mixed = ["1", "2", "2", "1", "2", "1"];
    assert_eq!(
        failing(&on(fault().on(stream("2")).nth(2)), &mixed).await,
        [2]
    );
    let both = on(fault());
    both.inject(fault().nth(2));
    assert_eq!(
        failing(&both, &eight).await,
        [0, 1],
        "each counts all appends"
    );
    let stopped = on(fault().always());
    assert_eq!(failing(&stopped, &["1", "1"]).await, [0, 1]);
    stopped.stop();
    assert_eq!(failing(&stopped, &eight).await, [0; 0]);
    assert_eq!(stopped.injected().rejected, 2);
}

#[tokio::test]
async fn a_seed_chooses_the_same_appends_again_and_another_one_chooses_others() {
    let many = ["1"; 1_000];
    let chosen = async |seed| {
        let store = store();
        store.inject(Injection::new(Fault::FailBefore).one_in(10, seed));
        let failing = failing(&store, &many).await;
        assert_eq!(store.injected().failed_before, failing.len() as u64);
        failing
    };
    let first = chosen(1).await;
    assert_eq!(first, chosen(1).await);
    assert_ne!(first, chosen(2).await);
    assert!(
        (60..140).contains(&first.len()),
        "about one in ten: {}",
        first.len()
    );
    let store = store();
    store.inject(Injection::new(Fault::FailBefore).one_in(0, 1));
    assert_eq!(failing(&store, &["1", "1"]).await, [0, 1], "one in one");
}

// It struck once.
#[tokio::test]
async fn what_is_to_go_wrong_no_times_does_not() {
    let store = store();
    store.inject(Injection::new(Fault::Reject).times(0));
    append(&store).await.expect("nothing goes wrong");
    assert_eq!(store.injected().total(), 0);
}

#[tokio::test]
async fn a_rival_that_cannot_append_is_a_refusal_and_no_rival() {
    let store = store();
    append(&store).await.expect("nothing goes wrong yet");
    store.inject(Fault::rival(to("1", Expected::NoStream)));
    let error = append(&store).await.expect_err("the rival comes too late");
    assert!(
        matches!(error, AppendError::Rejected(Rejection::Engine { .. })),
        "{error:?}"
    );
    let injected = store.injected();
    assert_eq!((injected.rivals, injected.rejected), (0, 1));
    assert_eq!((injected.total(), stored(&store).await), (1, 1));
}

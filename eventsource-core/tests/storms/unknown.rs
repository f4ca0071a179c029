//! Answers that are lost, and requests, each in a way of its own. The store is given from outside, to be any.

use eventsource_core::{
    Append, AppendKey, CommandId, Context, EventId, EventName, EventStoreExt, ExecuteError,
    Expected, IdSource, NewEvent, Receipt, RetryPolicy, StoredPayload, Timestamp, UuidV7, Version,
};
use eventsource_testing::faulty::{Fault, Injection};

use crate::domain::{Move, Poor, Purse, Store, cached, moved, plain, purse, version};

type Done = Result<Receipt, ExecuteError<Poor>>;

/// What another writer appends: the command 99, which puts in one.
pub(crate) fn rival(id: u64) -> Append {
    let json =
        br#"{"command":99,"step":0,"haler":1,"seen_haler":0,"seen_events":0,"seen_order":0}"#;
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("purse.moved").expect("a legal name"),
        1,
        StoredPayload::json(json),
        Timestamp::EPOCH,
    );
    Append::to(purse(id), Expected::Any, [event])
}

fn key() -> AppendKey {
    AppendKey::new("payday").expect("a legal key")
}

/// Puts 10 haler in, in two steps, as the command 1.
fn ten() -> Move {
    Move {
        command: 1,
        first: 0,
        steps: vec![4, 6],
    }
}

fn by_key() -> Context {
    Context::new().with_key(key())
}

/// The four ways to decide, each of which puts 10 haler into purse 1 as the command 1. The last one takes 0 out of purse
/// 2, too.
async fn each_way(store: &Store, way: u64, context: Context) -> Done {
    let purses = cached(store.clone()).within(context);
    match way {
        0 => purses.execute(&1, ten()).await,
        1 => {
            let mut unit = purses.begin(&1).await?;
            unit.execute(Move::one(1, 4))?;
            unit.execute(Move {
                first: 1,
                ..Move::one(1, 6)
            })?;
            unit.commit().await
        }
        2 => {
            let ask = |purse: eventsource_core::Loaded<Purse>| async move { ten().decide(&purse) };
            purses.decide(&1, ask).await
        }
        _ => {
            let both = |one: &Purse, two: &Purse| {
                Ok((
                    ten().decide(one)?,
                    Move {
                        first: 2,
                        ..Move::one(1, 0)
                    }
                    .decide(two)?,
                ))
            };
            purses.decide_both(&1, &2, both).await
        }
    }
}

/// The three ways to name a command: not at all, by an id, by a key.
fn contexts() -> [Context; 3] {
    let id = CommandId::new(UuidV7.next_id());
    [Context::new(), Context::new().with_command_id(id), by_key()]
}

/// The command 1 is there as often as this, and the receipt says where.
async fn assert_there(store: &Store, receipt: Option<&Receipt>, times: usize) {
    let all = store.read_all().await.expect("a read");
    let own: Vec<_> = all
        .iter()
        .filter(|event| moved(event).command == 1)
        .collect();
    let steps: Vec<_> = own.iter().map(|event| moved(event).step).collect();
    let expected: &[u64] = match (times, receipt) {
        (0, _) => &[],
        (1, Some(receipt)) if receipt.streams.len() == 2 => &[0, 1, 2],
        (1, _) => &[0, 1],
        _ => panic!("a command is there once or not at all"),
    };
    assert_eq!(steps, expected);
    for part in receipt.into_iter().flat_map(|receipt| &receipt.streams) {
        let there = own.iter().filter(|event| event.stream == part.stream);
        let there: Vec<_> = there.map(|event| (event.version, event.position)).collect();
        assert_eq!(
            there.first(),
            Some(&(part.first_version, part.first_position))
        );
        assert_eq!(there.last(), Some(&(part.last_version, part.last_position)));
    }
}

async fn all_ways(open: impl AsyncFn() -> Store, faults: impl Fn(&Store), stored: &str) {
    for way in 0..4 {
        for context in contexts() {
            let store = open().await;
            faults(&store);
            let receipt = each_way(&store, way, context.clone()).await.expect(stored);
            assert!(receipt.is_first(), "it was stored by this call");
            assert_there(&store, Some(&receipt), 1).await;
            store.stop();
            if context.append_key().is_some() {
                let again = each_way(&store, way, context).await.expect("its receipt");
                assert!(!again.is_first(), "it was stored by an earlier one");
                assert_eq!(again.streams, receipt.streams);
                assert_there(&store, Some(&again), 1).await;
            }
        }
    }
}

pub(crate) async fn a_lost_answer_is_found_out(open: impl AsyncFn() -> Store) {
    all_ways(open, |store| store.inject(Fault::FailAfterCommit), "stored").await;
}

pub(crate) async fn a_lost_request_is_made_again(open: impl AsyncFn() -> Store) {
    all_ways(open, |store| store.inject(Fault::LoseRequest), "stored").await;
}

pub(crate) async fn several_unknown_outcomes_in_a_row_are_found_out(open: impl AsyncFn() -> Store) {
    let faults = |store: &Store| {
        store.inject(Injection::new(Fault::LoseRequest).times(3));
        store.inject(Injection::new(Fault::FailAfterCommit).times(2));
        store.inject(Injection::new(Fault::LoseRequest).times(3));
    };
    all_ways(open, faults, "stored at the fourth").await;
}

pub(crate) async fn an_unknown_outcome_is_found_out_when_the_store_can_write_again(
    open: impl AsyncFn() -> Store,
) {
    let faults = |store: &Store| {
        store.inject(Fault::FailAfterCommit);
        store.inject(Injection::new(Fault::FailBefore).times(3));
    };
    all_ways(open, faults, "stored at the first").await;
}

pub(crate) async fn a_conflict_without_a_reason_settles_nothing(open: impl AsyncFn() -> Store) {
    let faults = |store: &Store| {
        store.inject(Fault::LoseRequest);
        store.inject(Injection::new(Fault::Conflict).times(2));
    };
    all_ways(open, faults, "stored at the fourth").await;
}

pub(crate) async fn another_writer_comes_behind_what_is_stored(open: impl AsyncFn() -> Store) {
    let faults = |store: &Store| {
        store.inject(Fault::FailAfterCommit);
        store.inject(Fault::rival(rival(1)));
    };
    all_ways(open, faults, "stored before the other").await;
}

pub(crate) async fn another_writer_comes_where_nothing_was_stored(open: impl AsyncFn() -> Store) {
    for way in 0..4 {
        for context in contexts() {
            let store = open().await;
            store.inject(Fault::LoseRequest);
            store.inject(Fault::rival(rival(1)));
            let receipt = each_way(&store, way, context).await.expect("stored");
            assert!(receipt.is_first());
            assert_eq!(receipt.streams[0].first_version, version(2));
            assert_there(&store, Some(&receipt), 1).await;
        }
    }
}

/// Purse 1 has no event yet, and what is in the way of its part is an event in purse 2.
pub(crate) async fn another_writer_is_in_the_way_of_one_of_two_parts(
    open: impl AsyncFn() -> Store,
) {
    for context in contexts() {
        let store = open().await;
        store.inject(Fault::LoseRequest);
        store.inject(Fault::rival(rival(2)));
        let receipt = each_way(&store, 3, context).await.expect("decided again");
        assert_there(&store, Some(&receipt), 1).await;
        assert_eq!(receipt.streams[1].first_version, version(2));
    }
}

pub(crate) async fn the_same_command_is_stored_elsewhere_meanwhile(open: impl AsyncFn() -> Store) {
    let store = open().await;
    store.inject(Fault::LoseRequest);
    store.inject(Fault::rival(rival(1).with_key(key())));
    let receipt = each_way(&store, 0, by_key()).await.expect("the other's");
    assert!(!receipt.is_first());
    assert_eq!(receipt.version(), Some(Version::FIRST));
    assert_there(&store, None, 0).await;
}

pub(crate) async fn a_refusal_over_two_aggregates_outlasts_a_lost_answer(
    open: impl AsyncFn() -> Store,
) {
    for fault in [Fault::LoseRequest, Fault::FailAfterCommit] {
        let store = open().await;
        store.inject(Injection::new(fault).times(3));
        let both = |one: &Purse, two: &Purse| {
            Ok((Move::one(1, -5).decide(one)?, Move::one(1, 5).decide(two)?))
        };
        let refused = plain(store.clone()).decide_both(&1, &2, both).await;
        let refused = refused.expect_err("nothing is in it");
        assert_eq!(refused.refusal(), Some(&Poor { missing: 5 }), "{refused:?}");
        assert_there(&store, None, 0).await;
    }
}

/// What is certainly not stored is not called unknown, also where nobody can be asked.
pub(crate) async fn a_refusal_that_cannot_be_confirmed_is_no_unknown_outcome(
    open: impl AsyncFn() -> Store,
) {
    let store = open().await;
    store.inject(Injection::new(Fault::LoseRequest).always());
    let both = |one: &Purse, two: &Purse| {
        Ok((Move::one(1, -5).decide(one)?, Move::one(1, 5).decide(two)?))
    };
    let failed = plain(store).decide_both(&1, &2, both).await;
    let failed: ExecuteError<Poor> = failed.expect_err("nobody can be asked");
    assert!(failed.is_transient() && !failed.is_unknown(), "{failed:?}");
}

pub(crate) async fn when_patience_ends_the_outcome_is_unknown_and_a_repetition_tells(
    open: impl AsyncFn() -> Store,
) {
    for (fault, is_stored) in [(Fault::FailAfterCommit, true), (Fault::LoseRequest, false)] {
        for way in 0..4 {
            for context in contexts() {
                let store = open().await;
                store.inject(Injection::new(fault.clone()).always());
                let lost = each_way(&store, way, context.clone()).await;
                let lost = lost.expect_err("no answer comes");
                assert!(lost.is_unknown() && !lost.is_transient(), "{lost:?}");
                let retries = RetryPolicy::default().attempts;
                assert_eq!(store.injected().appends, u64::from(retries) + 1);
                store.stop();
                if context.append_key().is_none() {
                    continue;
                }
                let told = each_way(&store, way, context).await.expect("told");
                assert_eq!(told.is_first(), !is_stored);
                assert_there(&store, Some(&told), 1).await;
            }
        }
    }
}

pub(crate) async fn what_fails_before_the_commit_stores_nothing(open: impl AsyncFn() -> Store) {
    for fault in [Fault::FailBefore, Fault::Reject] {
        for way in 0..4 {
            for context in contexts() {
                let store = open().await;
                store.inject(fault.clone());
                let failed = each_way(&store, way, context.clone()).await;
                let failed = failed.expect_err("it says so");
                assert!(!failed.is_unknown(), "{failed:?}");
                assert_there(&store, None, 0).await;
                let receipt = each_way(&store, way, context).await.expect("stored");
                assert!(receipt.is_first());
                assert_there(&store, Some(&receipt), 1).await;
            }
        }
    }
}

/// All of them, for a store that `$open` gives.
macro_rules! unknown_outcomes {
    ($open:path) => {
        $crate::unknown::unknown_outcomes! { $open:
            a_lost_answer_is_found_out, a_lost_request_is_made_again,
            several_unknown_outcomes_in_a_row_are_found_out,
            an_unknown_outcome_is_found_out_when_the_store_can_write_again,
            a_conflict_without_a_reason_settles_nothing,
            another_writer_comes_behind_what_is_stored,
            another_writer_comes_where_nothing_was_stored,
            another_writer_is_in_the_way_of_one_of_two_parts,
            the_same_command_is_stored_elsewhere_meanwhile,
            a_refusal_over_two_aggregates_outlasts_a_lost_answer,
            a_refusal_that_cannot_be_confirmed_is_no_unknown_outcome,
            when_patience_ends_the_outcome_is_unknown_and_a_repetition_tells,
            what_fails_before_the_commit_stores_nothing,
        }
    };
    ($open:path: $($case:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $case() {
            $crate::unknown::$case($open).await;
        })*
    };
}
pub(crate) use unknown_outcomes;

//! Runners: what they tell of their projections is what they did with them.

use eventsource_core::{
    Append, EventId, EventName, IdSource, InMemory, NewEvent, OnFailure, StoredPayload, UuidV7,
    prelude::*,
    runner::{CommandError, WaitError},
    signal::names::{event, metric},
};
use expect_test::expect;

use crate::{
    domain::{SECRET, stream},
    seen::{Seen, watch},
    watched::{CURSED, Count, LONG, Mirror, World, lives, settings, status},
};

pub(crate) fn stops() -> Seen {
    let (world, mirror) = (World::new(), Mirror::default());
    let ((), seen) = watch(async {
        let last = world.hide(&[1, 1, CURSED, 1]).await;
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(3))
            .start()
            .expect("nothing is wrong");
        let error = runner.wait_for(&last, LONG).await.expect_err("cursed");
        assert!(matches!(error, WaitError::Stopped { .. }), "{error}");
        mirror.bless();
        runner.resume("mirror").expect("it is there");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        lives(&runner, "mirror").await;
        runner.pause("mirror").await.expect("it is there");
        runner.resume("mirror").expect("it is there");
        lives(&runner, "mirror").await;
        runner.stop().await;
        runner.status().await.expect("readable");
    });
    assert_eq!(seen.count(metric::PROJECTION_FAILURES), mirror.failures());
    assert_eq!(seen.count(metric::PROJECTION_EVENTS), mirror.taken());
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=2 generation=1 outcome=failed projection=mirror to=2
          - WARN eventsource.event_failed aggregate=vault attempt=1 error=the handler failed: the curse event=vault.hidden position=3 projection=mirror stream=vault-13 version=1
          - TRACE eventsource.checkpoint_moved events=2 generation=1 projection=mirror to=2
        - WARN eventsource.projection_state attempt=1 error=the handler failed: the curse projection=mirror state=retrying
        + DEBUG eventsource.deliver from=2 generation=1 outcome=failed projection=mirror
          - WARN eventsource.event_failed aggregate=vault attempt=2 error=the handler failed: the curse event=vault.hidden position=3 projection=mirror stream=vault-13 version=1
        - WARN eventsource.projection_state attempt=2 error=the handler failed: the curse projection=mirror state=retrying
        + DEBUG eventsource.deliver from=2 generation=1 outcome=failed projection=mirror
          - WARN eventsource.event_failed aggregate=vault attempt=3 error=the handler failed: the curse event=vault.hidden position=3 projection=mirror stream=vault-13 version=1
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver from=2 generation=1 outcome=ended projection=mirror
        - ERROR eventsource.projection_state error=the event `vault.hidden` of `vault-13` at version 1, position 3, failed 3 times: the handler failed: the curse projection=mirror reason=event state=stopped
        - INFO eventsource.projection_resumed projection=mirror
        - INFO eventsource.lease_taken holder=one projection=mirror token=2
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=2 from=2 generation=1 outcome=kept projection=mirror to=4
          - TRACE eventsource.checkpoint_moved events=2 from=2 generation=1 projection=mirror to=4
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror state=paused
        - INFO eventsource.projection_resumed projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 5 times
        eventsource_projection_events_total projection=mirror: 4
        eventsource_projection_failures_total projection=mirror: 3
        eventsource_projection_head projection=mirror: 4 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_taken_total projection=mirror: 2
        eventsource_projection_parked projection=mirror: 0 at last
        eventsource_projection_position projection=mirror: 4 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_retries_total projection=mirror: 2
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 1
        eventsource_projection_stops_total projection=mirror reason=event: 1
    "#]])
}

/// An event that nobody can read.
fn garbled(vault: u64) -> Append {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("vault.hidden").expect("a legal name"),
        1,
        StoredPayload::json(format!("{{\"secret\":[\"{SECRET}\"]}}").as_bytes()),
        Timestamp::EPOCH,
    );
    Append::to(stream(vault), Expected::Any, [event])
}

pub(crate) fn parks() -> Seen {
    let (world, mirror) = (World::new(), Mirror::default());
    let ((), seen) = watch(async {
        world.hide(&[CURSED, 1]).await;
        world.store.append(garbled(7)).await.expect("appended");
        let last = world.hide(&[CURSED, 1]).await;
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(2).on_failure(OnFailure::Park))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&last, LONG).await.expect("others flow");
        lives(&runner, "mirror").await;
        assert_eq!(status(&runner, "mirror").await.parked, 3);
        mirror.bless();
        let replayed = runner.replay_parked("mirror").await.expect("it runs");
        assert_eq!((replayed.delivered, replayed.left.len()), (2, 1));
        runner.stop().await;
    });
    // One of them could not be read, so that its handler has not seen it; it was tried again by the replay.
    let failures = seen.count(metric::PROJECTION_FAILURES);
    assert_eq!(failures, mirror.failures() + 2);
    assert_eq!(seen.count(metric::PROJECTION_EVENTS), mirror.taken());
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver generation=1 outcome=failed projection=mirror
          - WARN eventsource.event_failed aggregate=vault attempt=1 error=the handler failed: the curse event=vault.hidden position=1 projection=mirror stream=vault-13 version=1
        - WARN eventsource.projection_state attempt=1 error=the handler failed: the curse projection=mirror state=retrying
        + DEBUG eventsource.deliver generation=1 outcome=failed projection=mirror
          - WARN eventsource.event_failed aggregate=vault attempt=2 error=the handler failed: the curse event=vault.hidden position=1 projection=mirror stream=vault-13 version=1
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=0 generation=1 outcome=kept projection=mirror to=1
          - WARN eventsource.event_parked aggregate=vault attempt=2 error=the handler failed: the curse event=vault.hidden position=1 projection=mirror stream=vault-13 version=1
          - TRACE eventsource.checkpoint_moved events=0 generation=1 projection=mirror to=1
        + DEBUG eventsource.deliver events=1 from=1 generation=1 outcome=failed projection=mirror to=2
          - WARN eventsource.event_failed aggregate=vault attempt=1 error=the event cannot be read: the payload of `vault.hidden` does not have the shape of its schema version 1: invalid type: sequence, expected a string at line 1 column 10 event=vault.hidden position=3 projection=mirror stream=vault-7 version=1
          - TRACE eventsource.checkpoint_moved events=1 from=1 generation=1 projection=mirror to=2
        + DEBUG eventsource.deliver events=0 from=2 generation=1 outcome=kept projection=mirror to=3
          - WARN eventsource.event_parked aggregate=vault attempt=1 error=the event cannot be read: the payload of `vault.hidden` does not have the shape of its schema version 1: invalid type: sequence, expected a string at line 1 column 10 event=vault.hidden position=3 projection=mirror stream=vault-7 version=1
          - TRACE eventsource.checkpoint_moved events=0 from=2 generation=1 projection=mirror to=3
        + DEBUG eventsource.deliver events=1 from=3 generation=1 outcome=kept projection=mirror to=5
          - INFO eventsource.events_parked_behind events=1 projection=mirror
          - TRACE eventsource.checkpoint_moved events=1 from=3 generation=1 projection=mirror to=5
        - INFO eventsource.projection_state projection=mirror state=live
        - WARN eventsource.event_failed aggregate=vault attempt=2 error=the event cannot be read: the payload of `vault.hidden` does not have the shape of its schema version 1: invalid type: sequence, expected a string at line 1 column 10 event=vault.hidden position=3 projection=mirror stream=vault-7 version=1
        - INFO eventsource.parked_replayed events=2 parked=1 projection=mirror
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 6 times
        eventsource_projection_events_total projection=mirror: 4
        eventsource_projection_failures_total projection=mirror: 4
        eventsource_projection_head projection=mirror: 5 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_taken_total projection=mirror: 1
        eventsource_projection_parked projection=mirror: 1 at last
        eventsource_projection_position projection=mirror: 5 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_retries_total projection=mirror: 1
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 1
    "#]])
}

/// The store fails at the step that is to park it, and does it at the next attempt.
#[test]
fn a_parked_event_is_told_when_the_store_has_kept_that_it_is() {
    let (world, mirror) = (World::new(), Mirror::default());
    let ((), seen) = watch(async {
        let first = world.hide(&[1]).await;
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(1).on_failure(OnFailure::Park))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&first, LONG).await.expect("it is passed");
        lives(&runner, "mirror").await;
        runner.pause("mirror").await.expect("it is there");
        let last = world.hide(&[CURSED, 1]).await;
        world.faults.fail_next(1);
        runner.resume("mirror").expect("it is there");
        runner.wait_for(&last, LONG).await.expect("others flow");
        runner.stop().await;
    });
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=1 generation=1 outcome=kept projection=mirror to=1
          - TRACE eventsource.checkpoint_moved events=1 generation=1 projection=mirror to=1
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror state=paused
        - INFO eventsource.projection_resumed projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver from=1 generation=1 outcome=failed projection=mirror
          - WARN eventsource.event_failed aggregate=vault attempt=1 error=the handler failed: the curse event=vault.hidden position=2 projection=mirror stream=vault-13 version=1
        + DEBUG eventsource.deliver from=1 generation=1 outcome=not_kept projection=mirror
        - WARN eventsource.projection_state attempt=1 error=the store cannot keep or find projections now: a fault was injected at BeforeCommit projection=mirror state=retrying
        + DEBUG eventsource.deliver events=0 from=1 generation=1 outcome=kept projection=mirror to=2
          - WARN eventsource.event_parked aggregate=vault attempt=1 error=the handler failed: the curse event=vault.hidden position=2 projection=mirror stream=vault-13 version=1
          - TRACE eventsource.checkpoint_moved events=0 from=1 generation=1 projection=mirror to=2
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=1 from=2 generation=1 outcome=kept projection=mirror to=3
          - TRACE eventsource.checkpoint_moved events=1 from=2 generation=1 projection=mirror to=3
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 5 times
        eventsource_projection_events_total projection=mirror: 2
        eventsource_projection_failures_total projection=mirror: 1
        eventsource_projection_head projection=mirror: 1 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_taken_total projection=mirror: 1
        eventsource_projection_parked projection=mirror: 1 at last
        eventsource_projection_position projection=mirror: 3 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_retries_total projection=mirror: 1
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 1
    "#]]);
}

/// The store keeps it only when the projection is resumed.
#[test]
fn events_that_are_parked_behind_others_are_told_also_where_that_is_kept_after_a_pause() {
    let (world, mirror) = (World::new(), Mirror::default());
    let ((), seen) = watch(async {
        let first = world.hide(&[CURSED, 1]).await;
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(1).on_failure(OnFailure::Park))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&first, LONG).await.expect("it is passed");
        lives(&runner, "mirror").await;
        runner.pause("mirror").await.expect("it is there");
        let last = world.hide(&[CURSED, 1]).await;
        world.faults.fail_next(u64::MAX);
        runner.resume("mirror").expect("it is there");
        while mirror.taken() == 1 {
            tokio::task::yield_now().await;
        }
        runner.pause("mirror").await.expect("it is there");
        world.faults.fail_next(0);
        runner.resume("mirror").expect("it is there");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        assert_eq!(status(&runner, "mirror").await.parked, 2);
        runner.stop().await;
    });
    assert_eq!(mirror.taken(), 2, "each was delivered once");
    let name = event::EVENTS_PARKED_BEHIND;
    let told = seen.told.iter().filter(|told| told.name == name);
    assert_eq!(told.count(), 1);
}

pub(crate) fn rebuilds() -> Seen {
    let (world, count) = (World::new(), InMemory::new(Count::default));
    let ((), seen) = watch(async {
        let last = world.hide(&[1, 2, 3]).await;
        let runner = world
            .runner("one")
            .with_settings(count.clone(), settings(2))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        runner.rebuild("count").await.expect("it is rebuilt");
        lives(&runner, "count").await;
        let (rebuilt, cancelled) =
            tokio::join!(runner.rebuild("count"), runner.cancel_rebuild("count"));
        let error = rebuilt.expect_err("it was cancelled");
        assert!(matches!(error, CommandError::Cancelled { .. }), "{error}");
        cancelled.expect("it runs");
        runner.stop().await;
    });
    // It was built twice.
    let counted = count.read(|count| count.0);
    assert_eq!(seen.count(metric::PROJECTION_EVENTS), 2 * counted);
    seen.is(&expect![[r#"
        - INFO eventsource.build_begun generation=1 projection=count
        - DEBUG eventsource.projection_state projection=count state=catching_up
        + DEBUG eventsource.deliver events=3 generation=1 outcome=kept projection=count to=3
          - TRACE eventsource.checkpoint_moved events=3 generation=1 projection=count to=3
        - INFO eventsource.projection_state projection=count state=live
        - INFO eventsource.build_begun generation=2 projection=count
        + DEBUG eventsource.deliver events=3 generation=2 outcome=kept projection=count to=3
          - TRACE eventsource.checkpoint_moved events=3 generation=2 projection=count to=3
        - INFO eventsource.build_switched generation=2 projection=count
        - INFO eventsource.build_begun generation=3 projection=count
        - INFO eventsource.build_dropped generation=3 projection=count
        - INFO eventsource.projection_state projection=count reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=count: 2 times
        eventsource_projection_events_total projection=count: 6
        eventsource_projection_head projection=count: 3 at last
        eventsource_projection_lag_events projection=count: 0 at last
        eventsource_projection_lag_seconds projection=count: 0 at last
        eventsource_projection_parked projection=count: 0 at last
        eventsource_projection_position projection=count: 3 at last
        eventsource_projection_rebuild_position projection=count: 0 at last
        eventsource_projection_state projection=count state=stopped: 1 at last
        eventsource_projection_stops_total projection=count reason=asked: 1
    "#]])
}

#[test]
fn a_projection_that_fails_and_stops_is_told_and_when_it_goes_on() {
    stops();
}

#[test]
fn what_is_parked_is_told_and_what_follows_it_and_its_replay() {
    parks();
}

#[test]
fn a_rebuild_is_told_from_its_beginning_to_the_switch_or_its_end() {
    rebuilds();
}

#[test]
fn each_state_is_one_and_all_others_are_none() {
    let seen = stops();
    let states: Vec<_> = { &seen.metrics }
        .iter()
        .filter(|((name, _), _)| name == metric::PROJECTION_STATE)
        .map(|((_, labels), values)| (labels[1].1.as_str(), values))
        .collect();
    assert_eq!(states.len(), 8);
    let times = states[0].1.len();
    for time in 0..times {
        let is = |values: &Vec<f64>| values[time] > 0.5;
        assert_eq!(states.iter().filter(|(_, values)| is(values)).count(), 1);
    }
    let is_last = |values: &Vec<f64>| values.last().is_some_and(|last| *last > 0.5);
    let now = states.iter().find(|(_, values)| is_last(values));
    assert_eq!(now.map(|(state, _)| *state), Some("stopped"));
}

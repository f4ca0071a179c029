//! Which runner is the active one, and a store that fails.

use std::time::Duration;

use eventsource_core::ProjectionState;
use expect_test::expect;

use crate::{
    seen::{Seen, watch},
    watched::{LEASE, LONG, Mirror, World, lives, settings, until},
};

/// How often it is looked at a lease that another one has.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) fn takes_over() -> Seen {
    let world = World::new();
    let (one, two) = (Mirror::default(), Mirror::default());
    let ((), seen) = watch(async {
        let start = |name, mirror: &Mirror| {
            let runner = world.runner(name);
            let runner = runner.with_settings(mirror.clone(), settings(2));
            runner.start().expect("nothing is wrong")
        };
        let waits =
            |state: &ProjectionState| matches!(state, ProjectionState::WaitingForLease { .. });
        let first = start("one", &one);
        lives(&first, "mirror").await;
        let second = start("two", &two);
        until(&second, "mirror", |status| waits(&status.state)).await;
        let last = world.hide(&[1]).await;
        first.wait_for(&last, LONG).await.expect("it is passed");
        lives(&first, "mirror").await;
        // The first one is held up until its lease has run out, and the second one looks.
        world.pass(LEASE);
        world.timer.ring(LOOK);
        lives(&second, "mirror").await;
        // Now the first one comes to renew it.
        world.timer.ring(LEASE / 3);
        until(&first, "mirror", |status| waits(&status.state)).await;
        let last = world.hide(&[1]).await;
        second.wait_for(&last, LONG).await.expect("it is passed");
        lives(&second, "mirror").await;
        first.stop().await;
        second.stop().await;
    });
    assert_eq!((one.taken(), two.taken()), (1, 1));
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state holder=one projection=mirror state=waiting_for_lease
        + DEBUG eventsource.deliver events=1 generation=1 outcome=kept projection=mirror to=1
          - TRACE eventsource.checkpoint_moved events=1 generation=1 projection=mirror to=1
        - INFO eventsource.lease_taken holder=two projection=mirror token=2
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        - INFO eventsource.projection_state projection=mirror state=live
        - WARN eventsource.lease_lost projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=starting
        - INFO eventsource.projection_state holder=two projection=mirror state=waiting_for_lease
        + DEBUG eventsource.deliver events=1 from=1 generation=1 outcome=kept projection=mirror to=2
          - TRACE eventsource.checkpoint_moved events=1 from=1 generation=1 projection=mirror to=2
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 2 times
        eventsource_projection_events_total projection=mirror: 2
        eventsource_projection_head projection=mirror: 2 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_lost_total projection=mirror: 1
        eventsource_projection_leases_taken_total projection=mirror: 2
        eventsource_projection_parked projection=mirror: 0 at last
        eventsource_projection_position projection=mirror: 2 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 2
    "#]])
}

pub(crate) fn store_fails() -> Seen {
    let (world, mirror) = (World::new(), Mirror::default());
    let ((), seen) = watch(async {
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(2))
            .start()
            .expect("nothing is wrong");
        lives(&runner, "mirror").await;
        world.faults.fail_next(1);
        world.timer.ring(LEASE / 3);
        until(&runner, "mirror", |_| world.faults.failed() == 1).await;
        // At once after this, without a turn of the runner's in between.
        let last = world.hide(&[1]).await;
        world.faults.fail_next(1);
        runner.wait_for(&last, LONG).await.expect("it is passed");
        lives(&runner, "mirror").await;
        assert_eq!(world.faults.failed(), 2);
        world.faults.fail_next(1);
        runner.stop().await;
        assert_eq!(world.faults.failed(), 3);
    });
    assert_eq!(mirror.taken(), 1, "nothing is delivered twice for that");
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        - INFO eventsource.projection_state projection=mirror state=live
        - WARN eventsource.lease_not_renewed error=the store cannot give leases now: a fault was injected at BeforeCommit projection=mirror
        + DEBUG eventsource.deliver generation=1 outcome=not_kept projection=mirror
        - WARN eventsource.projection_state attempt=1 error=the store cannot keep or find projections now: a fault was injected at BeforeCommit projection=mirror state=retrying
        + DEBUG eventsource.deliver events=1 generation=1 outcome=kept projection=mirror to=1
          - TRACE eventsource.checkpoint_moved events=1 generation=1 projection=mirror to=1
        - INFO eventsource.projection_state projection=mirror state=live
        - WARN eventsource.lease_not_released error=the store cannot give leases now: a fault was injected at BeforeCommit projection=mirror
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 2 times
        eventsource_projection_events_total projection=mirror: 1
        eventsource_projection_head projection=mirror: 1 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_taken_total projection=mirror: 1
        eventsource_projection_parked projection=mirror: 0 at last
        eventsource_projection_position projection=mirror: 1 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_retries_total projection=mirror: 1
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 1
    "#]])
}

#[test]
fn of_two_runners_it_is_told_which_one_is_active_and_which_one_is_no_longer() {
    takes_over();
}

#[test]
fn what_the_store_fails_to_keep_is_told() {
    store_fails();
}

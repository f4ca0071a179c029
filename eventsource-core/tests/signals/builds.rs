//! Builds of a raised version, reactions, which begin where the store ends, and a task that is gone.

use std::sync::Arc;

use eventsource_core::{
    Projection, Reaction, Runner, RunnerHandle,
    prelude::*,
    projection::{Envelope, HandlerError, ProjectAsync, React, ReactionId},
    runner::WaitError,
};
use expect_test::expect;

use crate::{
    domain::{Hidden, Vault},
    seen::{Seen, watch},
    tasks::Tasks,
    watched::{LONG, Mirror, World, lives, settings},
};

/// The mirror in a later version.
#[derive(Debug, Default, Projection)]
#[projection(
    name = "mirror",
    version = 2,
    at_least_once,
    from(Vault),
    events(Hidden)
)]
struct Later(Mirror);

impl ProjectAsync<Hidden> for Later {
    async fn project(&self, event: &Hidden, envelope: &Envelope<'_>) -> Result<(), HandlerError> {
        ProjectAsync::project(&self.0, event, envelope).await
    }
}

#[derive(Debug, Default, Reaction)]
#[reaction(name = "thanks", from(Vault), events(Hidden))]
struct Thanks(Mirror);

impl React<Hidden> for Thanks {
    async fn react(
        &self,
        event: &Hidden,
        envelope: &Envelope<'_>,
        _: ReactionId,
    ) -> Result<(), HandlerError> {
        ProjectAsync::project(&self.0, event, envelope).await
    }
}

fn start(runner: Runner<MemoryStore>) -> RunnerHandle {
    runner.start().expect("nothing is wrong")
}

pub(crate) fn raises() -> Seen {
    let world = World::new();
    let ((), seen) = watch(async {
        let last = world.hide(&[1, 2]).await;
        let before = || {
            world
                .runner("one")
                .with_settings(Mirror::default(), settings(2))
        };
        let runner = start(before());
        lives(&runner, "mirror").await;
        runner.stop().await;
        let later = world.runner("two");
        let runner = start(later.with_settings(Later::default(), settings(2)));
        lives(&runner, "mirror").await;
        runner.stop().await;
        // Code of before must not touch it.
        let runner = start(before());
        let error = runner.wait_for(&last, LONG).await.expect_err("it is old");
        assert!(matches!(error, WaitError::Stopped { .. }), "{error}");
        runner.stop().await;
    });
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=mirror token=1
        - INFO eventsource.build_begun generation=1 projection=mirror
        - DEBUG eventsource.projection_state projection=mirror state=catching_up
        + DEBUG eventsource.deliver events=2 generation=1 outcome=kept projection=mirror to=2
          - TRACE eventsource.checkpoint_moved events=2 generation=1 projection=mirror to=2
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        - INFO eventsource.lease_taken holder=two projection=mirror token=2
        - INFO eventsource.build_begun generation=2 projection=mirror
        - INFO eventsource.projection_state projection=mirror state=rebuilding
        + DEBUG eventsource.deliver events=2 generation=2 outcome=kept projection=mirror to=2
          - TRACE eventsource.checkpoint_moved events=2 generation=2 projection=mirror to=2
        - INFO eventsource.build_switched generation=2 projection=mirror
        - INFO eventsource.projection_state projection=mirror state=live
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        - INFO eventsource.lease_taken holder=one projection=mirror token=3
        - ERROR eventsource.projection_state error=version 2 of it is kept, and this is version 1: newer code runs it projection=mirror reason=superseded state=stopped
        - INFO eventsource.projection_state projection=mirror reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=mirror: 2 times
        eventsource_projection_events_total projection=mirror: 4
        eventsource_projection_head projection=mirror: 2 at last
        eventsource_projection_lag_events projection=mirror: 0 at last
        eventsource_projection_lag_seconds projection=mirror: 0 at last
        eventsource_projection_leases_taken_total projection=mirror: 3
        eventsource_projection_parked projection=mirror: 0 at last
        eventsource_projection_position projection=mirror: 2 at last
        eventsource_projection_rebuild_position projection=mirror: 0 at last
        eventsource_projection_state projection=mirror state=stopped: 1 at last
        eventsource_projection_stops_total projection=mirror reason=asked: 3
        eventsource_projection_stops_total projection=mirror reason=superseded: 1
    "#]])
}

pub(crate) fn reacts() -> Seen {
    let world = World::new();
    let ((), seen) = watch(async {
        world.hide(&[1, 2]).await;
        let runner = world.runner("one");
        let runner = start(runner.with_settings(Thanks::default(), settings(2)));
        lives(&runner, "thanks").await;
        let last = world.hide(&[1]).await;
        let waited = runner.wait_for_one("thanks", &last, LONG).await;
        waited.expect("it is passed");
        lives(&runner, "thanks").await;
        runner.stop().await;
    });
    seen.is(&expect![[r#"
        - INFO eventsource.lease_taken holder=one projection=thanks token=1
        - INFO eventsource.build_begun from=2 generation=1 projection=thanks
        - DEBUG eventsource.projection_state projection=thanks state=catching_up
        - INFO eventsource.projection_state projection=thanks state=live
        + DEBUG eventsource.deliver events=1 from=2 generation=1 outcome=kept projection=thanks to=3
          - TRACE eventsource.checkpoint_moved events=1 from=2 generation=1 projection=thanks to=3
        - INFO eventsource.projection_state projection=thanks reason=asked state=stopped
        eventsource_projection_deliver_seconds projection=thanks: 1 times
        eventsource_projection_events_total projection=thanks: 1
        eventsource_projection_head projection=thanks: 3 at last
        eventsource_projection_lag_events projection=thanks: 0 at last
        eventsource_projection_lag_seconds projection=thanks: 0 at last
        eventsource_projection_leases_taken_total projection=thanks: 1
        eventsource_projection_parked projection=thanks: 0 at last
        eventsource_projection_position projection=thanks: 3 at last
        eventsource_projection_rebuild_position projection=thanks: 0 at last
        eventsource_projection_state projection=thanks state=stopped: 1 at last
        eventsource_projection_stops_total projection=thanks reason=asked: 1
    "#]])
}

#[test]
fn a_raised_version_is_told_and_that_older_code_stops_at_it() {
    raises();
}

#[test]
fn a_reaction_tells_behind_which_position_it_begins() {
    reacts();
}

#[test]
fn a_projection_whose_task_is_dropped_is_told_as_an_error() {
    let (world, tasks) = (World::new(), Tasks::default());
    let ((), seen) = watch(async {
        let runner = { world.runner("one") }.with_spawner(Arc::new(tasks.clone()));
        let runner = start(runner.with(Mirror::default()));
        drop(tasks.take());
        let state = runner.status().await.expect("readable").remove(0).state;
        assert!(state.is_stopped());
    });
    let told = seen.of("eventsource.projection_state");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].level, "ERROR");
    assert_eq!(told[0].fields["reason"], "vanished");
}

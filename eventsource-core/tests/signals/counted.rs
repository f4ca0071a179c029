//! Projections that lag, and that have everything go wrong: what is counted is what was done.

use std::time::Duration;

use eventsource_core::{ProjectionStatus, signal::names::metric};

use crate::{
    seen::{Seen, watch},
    watched::{CURSED, LONG, Mirror, World, settings, status},
};

const SECOND: Duration = Duration::from_secs(1);

/// The last value of a gauge.
fn last(seen: &Seen, name: &str) -> f64 {
    *seen.values(name).last().expect("it was set")
}

#[test]
fn the_lag_of_a_projection_that_stands_still_grows_whenever_the_status_is_asked_for() {
    let (world, mirror) = (World::new(), Mirror::default());
    let (asked, seen) = watch(async {
        let last = world.hide(&[1, CURSED]).await;
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(1))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&last, LONG).await.expect_err("it stops");
        let mut asked = Vec::new();
        for _ in 0..3 {
            world.pass(SECOND);
            world.hide(&[1]).await;
            asked.push(status(&runner, "mirror").await);
        }
        asked
    });
    let whole = |values: Vec<f64>| {
        values
            .iter()
            .map(|value| format!("{value}"))
            .collect::<Vec<_>>()
    };
    let of = |number: fn(&ProjectionStatus) -> u64| {
        asked
            .iter()
            .map(|status| number(status).to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(whole(seen.values(metric::PROJECTION_HEAD)), ["3", "4", "5"]);
    assert_eq!(
        whole(seen.values(metric::PROJECTION_LAG_EVENTS)),
        ["2", "3", "4"]
    );
    assert_eq!(of(|status| status.lag_events), ["2", "3", "4"]);
    assert_eq!(
        whole(seen.values(metric::PROJECTION_LAG_SECONDS)),
        ["1", "2", "3"]
    );
    assert_eq!(of(|status| status.lag.as_secs()), ["1", "2", "3"]);
    assert_eq!(format!("{}", last(&seen, metric::PROJECTION_POSITION)), "1");
}

#[test]
fn what_is_counted_of_a_projection_is_what_it_did_with_everything_going_wrong() {
    let (world, mirror) = (World::new(), Mirror::default());
    mirror.bless();
    mirror.fail_one_of(5);
    let ((), seen) = watch(async {
        let vaults: Vec<_> = (0..200).map(|number| number % 9).collect();
        let last = world.hide(&vaults).await;
        world.faults.fail_one_of(7);
        let runner = world
            .runner("one")
            .with_settings(mirror.clone(), settings(6).with_batch(3))
            .start()
            .expect("nothing is wrong");
        runner.wait_for(&last, LONG).await.expect("it is passed");
        world.faults.fail_one_of(0);
        runner.stop().await;
    });
    let count = |name| seen.count(name);
    let of = |name| seen.of(name).len() as u64;
    assert!(
        mirror.failures() > 10 && world.faults.failed() > 10,
        "it went wrong"
    );
    assert_eq!(count(metric::PROJECTION_FAILURES), mirror.failures());
    assert_eq!(of("eventsource.event_failed"), mirror.failures());
    assert_eq!(count(metric::PROJECTION_EVENTS), 200);
    assert_eq!(mirror.taken(), 200, "at least once, and here once");
    // Each failure was waited for once: of an event, or of the store.
    let failures = mirror.failures() + world.faults.failed();
    assert_eq!(count(metric::PROJECTION_RETRIES), failures);
    let delivers = seen.values(metric::PROJECTION_DELIVER_SECONDS).len() as u64;
    assert_eq!(delivers, of("eventsource.deliver"));
    for name in ["eventsource.deliver", "eventsource.checkpoint_moved"] {
        let events = seen.field(name, "events").into_iter();
        let events = events.map(|events| events.parse::<u64>().expect("a number"));
        assert_eq!(events.sum::<u64>(), 200, "{name}");
    }
    // Each checkpoint begins where the one before ended.
    let from = seen.field("eventsource.checkpoint_moved", "from");
    let to = seen.field("eventsource.checkpoint_moved", "to");
    assert_eq!(from, to[..to.len() - 1]);
    assert_eq!(to.last(), Some(&"200"));
    assert_eq!(
        format!("{}", last(&seen, metric::PROJECTION_POSITION)),
        "200"
    );
    assert_eq!(count(metric::PROJECTION_STOPS), 1);
}

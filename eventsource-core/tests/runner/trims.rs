//! Read models of events that were trimmed: refused, unless they are wanted without them.

use eventsource_core::{
    Append, EventId, EventStore, Expected, Generation, IdSource, MemoryStore, NewEvent,
    ProjectionName, Receipt, Runner, RunnerHandle, StoredPayload, StreamId, Timestamp, TrimStore,
    UuidV7, Version,
    runner::{CommandError, StopReason, WaitError},
};

use crate::{
    domain::{
        Jar, LONG, Mirror, Slow, Thanks, Told, at_once, close, fill, soon, status, totals, until,
    },
    hooked::Hook,
};

fn jar(number: u64) -> StreamId {
    StreamId::of::<Jar>(&number).expect("a legal stream")
}

async fn trim(store: &MemoryStore, number: u64, before: u64) {
    let before = Version::new(before).expect("not 0");
    store.trim(&jar(number), before).await.expect("trimmed");
}

/// Fills a jar of which events are gone, so that its repository would refuse to load it.
async fn put(store: &MemoryStore, number: u64, coins: i64) -> Receipt {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        "jar.filled".parse().expect("a legal name"),
        1,
        StoredPayload::json(format!("{{\"coins\":{coins}}}").as_bytes()),
        Timestamp::EPOCH,
    );
    let append = Append::to(jar(number), Expected::Any, [event]);
    store.append(append).await.expect("appended")
}

async fn fill_all(store: &MemoryStore, number: u64, coins: std::ops::RangeInclusive<i64>) {
    for coins in coins {
        fill(store, number, coins).await;
    }
}

async fn put_all(store: &MemoryStore, number: u64, coins: std::ops::RangeInclusive<i64>) {
    for coins in coins {
        put(store, number, coins).await;
    }
}

/// The build that is read.
async fn live(store: &MemoryStore, name: &str) -> Option<Generation> {
    let kept = store.projections().expect("it keeps them");
    let name: ProjectionName = name.parse().expect("a legal name");
    let found = kept.find_projection(&name).await.expect("readable")?;
    found.live().map(|live| live.generation)
}

/// It stops since events of this jar are gone.
async fn assert_stops(runner: &RunnerHandle, name: &str, number: u64) {
    let stops = until(runner, name, |status| status.state.is_stopped());
    soon(stops).await;
    let last = status(runner, name).await.last_error;
    let told = last.expect("it says why").error;
    assert!(told.contains("with_builds_despite_trims"), "{told}");
    let error = runner.pause(name).await;
    error.expect("one that has stopped rests");
    let refused = runner.rebuild(name).await.expect_err("it does not run");
    assert!(
        matches!(refused, CommandError::NotRunning { .. }),
        "{refused}"
    );
    let state = status(runner, name).await.state;
    let reason = format!("{state:?}");
    assert!(
        reason.contains("Trimmed") && reason.contains(&jar(number).to_string()),
        "{reason}"
    );
}

#[tokio::test]
async fn a_rebuild_without_what_was_trimmed_is_refused_unless_it_is_wanted() {
    let (store, totals) = (MemoryStore::new(), totals());
    fill_all(&store, 1, 1..=4).await;
    let runner = Runner::new(store.clone())
        .with_settings(totals.clone(), at_once(1))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 2, 5).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    soon(runner.rebuild("totals")).await.expect("all is there");
    trim(&store, 1, 3).await;
    let before = totals.read(|totals| (**totals).clone());
    let refused = soon(runner.rebuild("totals"))
        .await
        .expect_err("a part is gone");
    assert!(
        matches!(&refused, CommandError::Trimmed { name, stream } if *name == "totals" && *stream == jar(1)),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("with_builds_despite_trims"));
    assert_eq!(totals.read(|totals| (**totals).clone()), before);
    // It goes on.
    let last = put(&store, 1, 6).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
}

#[tokio::test]
async fn a_reset_without_what_was_trimmed_lets_go_of_nothing() {
    let (store, told) = (MemoryStore::new(), Told::default());
    fill_all(&store, 1, 1..=4).await;
    let runner = Runner::new(store.clone())
        .with_settings(Mirror::<1>(told.clone()), at_once(1))
        .start()
        .expect("nothing is wrong");
    let last = fill(&store, 2, 5).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    trim(&store, 1, 2).await;
    soon(runner.pause("mirror")).await.expect("it runs");
    let refused = soon(runner.reset("mirror"))
        .await
        .expect_err("a part is gone");
    assert!(
        matches!(&refused, CommandError::Trimmed { stream, .. } if *stream == jar(1)),
        "{refused:?}"
    );
    assert_eq!(live(&store, "mirror").await, Some(Generation::FIRST));
    runner.resume("mirror").expect("it is there");
    let last = put(&store, 1, 6).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(told.of(1), [1, 2, 3, 4, 6], "it goes on where it was");
    runner.stop().await;

    let wanted = at_once(1).with_builds_despite_trims();
    let runner = Runner::new(store.clone())
        .with_settings(Mirror::<1>(told.clone()), wanted)
        .start()
        .expect("nothing is wrong");
    soon(runner.pause("mirror")).await.expect("it runs");
    soon(runner.reset("mirror")).await.expect("it is wanted");
    runner.resume("mirror").expect("it is there");
    let last = put(&store, 1, 7).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(told.of(1)[5..], [2, 3, 4, 6, 7], "all that is left");
    runner.stop().await;
}

#[tokio::test]
async fn a_raised_version_stops_where_events_were_trimmed_and_what_is_read_stays() {
    let (store, told) = (MemoryStore::new(), Told::default());
    let last = fill(&store, 1, 1).await;
    let runner = Runner::new(store.clone())
        .with(Mirror::<1>(told.clone()))
        .start()
        .expect("nothing is wrong");
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
    fill(&store, 1, 2).await;
    // Another category is none of its business.
    close(&store).await;
    close(&store).await;
    let lid = StreamId::new("lid", "1").expect("a legal stream");
    let second = Version::new(2).expect("not 0");
    store.trim(&lid, second).await.expect("trimmed");
    let anew = Told::default();
    let raised = |settings| {
        Runner::new(store.clone())
            .with_settings(Mirror::<2>(anew.clone()), settings)
            .start()
            .expect("nothing is wrong")
    };
    trim(&store, 1, 2).await;
    let runner = raised(at_once(1));
    let last = put(&store, 1, 3).await;
    let error = soon(runner.wait_for(&last, LONG))
        .await
        .expect_err("it stops");
    let WaitError::Stopped { reason, .. } = &error else {
        panic!("{error}")
    };
    assert!(
        matches!(reason, StopReason::Trimmed { stream } if *stream == jar(1)),
        "{reason}"
    );
    assert_stops(&runner, "mirror", 1).await;
    assert_eq!(live(&store, "mirror").await, Some(Generation::FIRST));
    assert!(anew.seen().is_empty());
    runner.stop().await;

    let runner = raised(at_once(1).with_builds_despite_trims());
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(anew.of(1), [2, 3]);
    runner.stop().await;
    // It is needed for the build only.
    let runner = raised(at_once(1));
    let last = put(&store, 1, 4).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
}

#[tokio::test]
async fn a_first_build_stops_where_events_were_trimmed_and_a_reaction_does_not() {
    let (store, told) = (MemoryStore::new(), Told::default());
    fill_all(&store, 1, 1..=2).await;
    trim(&store, 1, 2).await;
    let runner = Runner::new(store.clone())
        .with_settings(totals(), at_once(1))
        .with_settings(Mirror::<1>(Told::default()), at_once(1))
        .with_settings(Thanks(told.clone()), at_once(1))
        .start()
        .expect("nothing is wrong");
    assert_stops(&runner, "totals", 1).await;
    assert_stops(&runner, "mirror", 1).await;
    assert_eq!(live(&store, "mirror").await, None, "nothing was begun");
    until(&runner, "thanks", |status| status.state.is_live()).await;
    let last = put(&store, 1, 3).await;
    soon(runner.wait_for_one("thanks", &last, LONG))
        .await
        .expect("it goes on");
    assert_eq!(told.of(1), [3]);
    runner.stop().await;
}

#[tokio::test]
async fn a_projection_that_comes_back_is_told_of_what_was_trimmed_before_it_has_seen_it() {
    let (store, told) = (MemoryStore::new(), Told::default());
    let last = fill(&store, 1, 1).await;
    let start = |settings| {
        Runner::new(store.clone())
            .with_settings(Mirror::<1>(told.clone()), settings)
            .start()
            .expect("nothing is wrong")
    };
    let runner = start(at_once(1));
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
    fill_all(&store, 1, 2..=4).await;
    // What it has seen may go.
    trim(&store, 1, 2).await;
    let runner = start(at_once(1));
    let last = put(&store, 1, 5).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
    put_all(&store, 1, 6..=8).await;
    trim(&store, 1, 7).await;
    let runner = start(at_once(1));
    assert_stops(&runner, "mirror", 1).await;
    runner.stop().await;
    let runner = start(at_once(1).with_builds_despite_trims());
    let last = put(&store, 1, 9).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(told.of(1), [1, 2, 3, 4, 5, 7, 8, 9]);
    runner.stop().await;
}

#[tokio::test]
async fn what_is_trimmed_while_it_is_built_is_in_no_model_that_is_switched_to() {
    let (store, hook) = (MemoryStore::new(), Hook::default());
    fill_all(&store, 1, 1..=10).await;
    let model = hook.model();
    let runner = Runner::new(store.clone())
        .with_settings(model.clone(), at_once(2).with_batch(1))
        .start()
        .expect("nothing is wrong");
    hook.runs_in(&runner);
    let last = fill(&store, 1, 11).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    let trims = store.clone();
    hook.pauses_at(4, move || {
        let before = Version::new(9).expect("not 0");
        let mut trimming = std::pin::pin!(async { trims.trim(&jar(1), before).await });
        let done = trimming
            .as_mut()
            .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(done, std::task::Poll::Ready(Ok(_))), "{done:?}");
    });
    let rebuilding = tokio::spawn({
        let runner = runner.clone();
        async move { runner.rebuild("hooked").await }
    });
    let paused = until(&runner, "hooked", |status| {
        matches!(status.state, eventsource_core::ProjectionState::Paused)
    });
    soon(paused).await;
    runner.resume("hooked").expect("it is there");
    // It comes back to a build that would be without what was beyond its checkpoint.
    let refused = soon(rebuilding).await.expect("it does not panic");
    let refused = refused.expect_err("a part is gone");
    assert!(
        matches!(&refused, CommandError::Trimmed { stream, .. } if *stream == jar(1)),
        "{refused:?}"
    );
    // What is read goes on.
    let last = put(&store, 1, 12).await;
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    assert_eq!(model.read(|model| model.halves), 2 * 78);
    let last = status(&runner, "hooked").await.last_error;
    assert!(last.expect("it is told").error.contains("trimmed"));
    runner.stop().await;
}

/// Of a version that waits for leave, so that the trim comes while it is built.
#[tokio::test]
async fn a_raised_version_is_not_switched_to_where_events_were_trimmed_meanwhile() {
    let (store, slow) = (MemoryStore::new(), Slow::<1>::default());
    fill_all(&store, 1, 1..=3).await;
    let runner = Runner::new(store.clone())
        .with_settings(slow.clone(), at_once(1))
        .start()
        .expect("nothing is wrong");
    slow.go_on(3);
    let last = fill(&store, 2, 4).await;
    slow.go_on(1);
    soon(runner.wait_for(&last, LONG)).await.expect("passed");
    runner.stop().await;
    let slow = Slow::<2>::default();
    let runner = Runner::new(store.clone())
        .with_settings(slow.clone(), at_once(1).with_batch(1))
        .start()
        .expect("nothing is wrong");
    slow.arrives().await;
    trim(&store, 1, 3).await;
    slow.go_on(100);
    assert_stops(&runner, "slow", 1).await;
    assert_eq!(live(&store, "slow").await, Some(Generation::FIRST));
    runner.stop().await;
}

//! What a store keeps for projections: builds, their numbers, their checkpoints.

use eventsource_core::{
    Advance, Build, Capability, EventStore, Fingerprint, Generation, Parked, ParkedQuery, Position,
    ProjectionName, ProjectionStore, ProjectionStoreError, StoredGeneration, StoredProjection,
    Timestamp,
};

use crate::suite::{
    bench::{Bench, Store},
    kit,
};

/// What a store keeps for projections, where it claims that; a store that does not claim it has none.
pub(crate) fn claimed(store: &Store) -> Option<&dyn ProjectionStore> {
    let claimed = store.capabilities().has(Capability::Projections);
    let part = store.projections();
    assert_eq!(
        part.is_some(),
        claimed,
        "a store keeps checkpoints exactly where it claims to"
    );
    part
}

/// Of a store that claimed it before.
#[track_caller]
pub(crate) fn kept(store: &Store) -> &dyn ProjectionStore {
    claimed(store).expect("it claimed them before")
}

pub(crate) fn name(text: &str) -> ProjectionName {
    ProjectionName::new(text).expect("a legal name")
}

/// The projection of most cases.
pub(crate) fn balances() -> ProjectionName {
    name("balances")
}

/// A position; 0 is none.
pub(crate) fn at(number: u64) -> Option<Position> {
    Position::from_number(number)
}

pub(crate) fn position(number: u64) -> Position {
    at(number).expect("not 0")
}

pub(crate) fn generation(number: u64) -> Generation {
    Generation::from_number(number)
}

/// An event that waits behind another one, all of which follows from its position and its stream.
pub(crate) fn waiting(number: u64, stream: &str) -> Parked {
    let place = (kit::stream(stream), kit::version(number));
    let time = Timestamp::from_micros(number.cast_signed().wrapping_mul(1_000_001));
    Parked::behind(position(number), place, time)
}

/// A build as most cases begin it.
pub(crate) fn build() -> Build {
    Build::new(balances(), (1, Fingerprint::new(1)))
}

/// A step of a build; 0 is no position.
pub(crate) fn step(number: u64, from: u64, to: u64) -> Advance {
    Advance::new(balances(), generation(number), (at(from), at(to)))
}

pub(crate) async fn begin(kept: &dyn ProjectionStore, build: Build) -> StoredGeneration {
    let begun = kept.begin_generation(build).await;
    begun.expect("a build can be begun")
}

pub(crate) async fn take(kept: &dyn ProjectionStore, step: Advance) {
    let taken = kept.advance(step).await;
    taken.expect("a step from where the checkpoint is");
}

pub(crate) async fn find(
    kept: &dyn ProjectionStore,
    projection: &ProjectionName,
) -> Option<StoredProjection> {
    let found = kept.find_projection(projection).await;
    found.expect("what is kept of a projection can be found")
}

/// Everything that is kept of a projection.
#[derive(Debug, PartialEq)]
pub(crate) struct Everything {
    pub(crate) found: Option<StoredProjection>,
    /// The parked events of each build.
    pub(crate) parked: Vec<Vec<Parked>>,
}

impl Everything {
    pub(crate) async fn of(kept: &dyn ProjectionStore, projection: &ProjectionName) -> Self {
        let found = find(kept, projection).await;
        let mut parked = Vec::new();
        for build in found.iter().flat_map(|found| &found.generations) {
            let events = kept
                .parked(projection, build.generation, ParkedQuery::first(1_000))
                .await
                .expect("the parked events of a build");
            assert_eq!(
                events.len() as u64,
                build.parked,
                "how many events of generation {} are parked",
                build.generation
            );
            parked.push(events);
        }
        Self { found, parked }
    }
}

/// The numbers of the builds that are there, and the one that is read.
async fn numbers(kept: &dyn ProjectionStore) -> (Vec<u64>, Option<u64>) {
    let found = find(kept, &balances()).await;
    let live = found
        .as_ref()
        .and_then(|found| found.live)
        .map(Generation::number);
    let builds = found.iter().flat_map(|found| &found.generations);
    (
        builds.map(|build| build.generation.number()).collect(),
        live,
    )
}

/// Contract 17.
pub(crate) async fn k_01_what_is_kept_of_a_projection_is_found_until_it_is_deleted(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    assert_nothing(kept).await;
    let mine = (u32::MAX, Fingerprint::new(u64::MAX));
    let far = 1_u64 << 62;
    let begun = begin(kept, Build::new(name.clone(), mine)).await;
    let expected =
        |checkpoint, parked| StoredGeneration::new(Generation::FIRST, mine, at(checkpoint), parked);
    assert_eq!(begun, expected(0, 0), "a build as it begins");
    let found = async || find(kept, &name).await;
    let only = |build| Some(StoredProjection::new(None, vec![build]));
    assert_eq!(found().await, only(begun), "what was begun");
    // Over and over.
    let event = waiting(2, "1");
    take(kept, step(1, 0, 3).parking([event.clone()])).await;
    assert_eq!(found().await, only(expected(3, 1)), "after the first step");
    take(kept, step(1, 3, far + 1)).await;
    assert_eq!(found().await, only(expected(far + 1, 1)), "after another");
    // One that begins in the middle.
    let after = Build::new(name.clone(), (7, Fingerprint::new(0))).after(at(far));
    let second = begin(kept, after).await;
    let all = StoredProjection::new(None, vec![expected(far + 1, 1), second.clone()]);
    assert_eq!(second.checkpoint, at(far), "where the second one begins");
    assert_eq!(
        (second.version, second.fingerprint),
        (7, Fingerprint::new(0))
    );
    assert_eq!(found().await, Some(all), "both of them, the oldest first");
    for _ in 0..2 {
        let deleted = kept.delete_projection(&name, None).await;
        deleted.expect("what is gone already is no error");
        assert_nothing(kept).await;
    }
}

/// Nothing is kept of the projection, and nothing can be done to the build of the first number.
async fn assert_nothing(kept: &dyn ProjectionStore) {
    let (name, first) = (balances(), Generation::FIRST);
    assert_eq!(find(kept, &name).await, None, "there is none");
    let says = "there is no such build";
    let parked = kept.parked(&name, first, ParkedQuery::first(10)).await;
    assert!(is_no_generation(&parked.map(drop)), "{says} to have parked");
    let streams = kept.parked_streams(&name, first).await;
    assert!(is_no_generation(&streams.map(drop)), "{says} with streams");
    let advanced = kept.advance(step(1, 0, 1)).await;
    assert!(is_no_generation(&advanced), "{says} to advance");
    let switched = kept.switch_to(&name, first, None).await;
    assert!(is_no_generation(&switched), "{says} to read");
    let dropped = kept.drop_generation(&name, first, None).await;
    dropped.expect("a build that is not there is no error");
}

pub(crate) fn is_no_generation(outcome: &Result<(), ProjectionStoreError>) -> bool {
    matches!(outcome, Err(ProjectionStoreError::NoGeneration { .. }))
}

/// Contract 17.
pub(crate) async fn k_02_a_checkpoint_moves_from_where_it_is_and_never_back(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build()).await;
    take(kept, step(1, 0, 0)).await;
    take(kept, step(1, 0, 5)).await;
    take(kept, step(1, 5, 5)).await;
    let before = Everything::of(kept, &name).await;
    for (from, to) in [(0, 6), (4, 6), (6, 7), (6, 6), (0, 0), (4, 5)] {
        let wrong = step(1, from, to).parking([waiting(3, "1")]);
        match kept.advance(wrong).await {
            Err(ProjectionStoreError::Moved {
                projection,
                generation,
                expected,
                actual,
            }) => {
                assert_eq!((projection, generation), (name.clone(), Generation::FIRST));
                assert_eq!((expected, actual), (at(from), at(5)));
            }
            other => panic!("a step from {from}, and not from 5, ends in {other:?}"),
        }
        let after = Everything::of(kept, &name).await;
        assert_eq!(after, before, "a step from {from} to {to} was refused");
    }
    for (from, to) in [(5, 4), (5, 0), (9, 5)] {
        let back = step(1, from, to).parking([waiting(3, "1")]);
        let outcome = kept.advance(back).await;
        assert!(
            matches!(outcome, Err(ProjectionStoreError::Backwards { .. })),
            "a step from {from} back to {to} ends in {outcome:?}"
        );
        let after = Everything::of(kept, &name).await;
        assert_eq!(after, before, "a step from {from} to {to} was refused");
    }
    take(kept, step(1, 5, 9)).await;
    let found = find(kept, &name).await.expect("it was begun");
    assert_eq!(found.generations[0].checkpoint, at(9));
}

/// Contract 17.
pub(crate) async fn k_04_a_step_that_was_made_is_refused_with_all_that_is_in_it(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build().live()).await;
    let once = step(1, 0, 5).parking([waiting(3, "1")]);
    take(kept, once.clone()).await;
    let before = Everything::of(kept, &name).await;
    let others = step(1, 0, 5).parking([waiting(4, "2")]);
    for again in [once, others, step(1, 0, 5), step(1, 0, 4), step(1, 0, 9)] {
        let outcome = kept.advance(again.clone()).await;
        let after = Everything::of(kept, &name).await;
        assert_eq!(after, before, "nothing is left of what was made already");
        assert!(
            matches!(&outcome, Err(ProjectionStoreError::Moved { expected: None, actual, .. }) if *actual == at(5)),
            "what was made already ends in {outcome:?}"
        );
    }
    // A parked event is delivered once, too.
    let replayed = step(1, 5, 5).unparking([position(3)]);
    take(kept, replayed.clone()).await;
    let before = Everything::of(kept, &name).await;
    let moved = step(1, 5, 8).unparking([position(3)]);
    for again in [replayed.parking([waiting(4, "2")]), moved] {
        let outcome = kept.advance(again).await;
        let after = Everything::of(kept, &name).await;
        assert_eq!(after, before, "nothing is left of a second replay");
        assert!(
            matches!(&outcome, Err(ProjectionStoreError::NotParked { position, .. }) if Some(*position) == at(3)),
            "a second replay ends in {outcome:?}"
        );
    }
}

/// Contract 17.
pub(crate) async fn x_40_a_number_of_a_build_is_never_used_again(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    let next = async |build| begin(kept, build).await.generation.number();
    assert_eq!(next(build()).await, 1);
    assert_eq!(next(build().live()).await, 2);
    assert_eq!(next(build()).await, 3);
    let dropped = kept.drop_generation(&name, generation(3), None).await;
    dropped.expect("it is not read");
    assert_eq!(next(build()).await, 4, "the number of one that was dropped");
    let switched = kept.switch_to(&name, generation(4), None).await;
    switched.expect("it is not behind");
    let deleted = kept.delete_projection(&name, None).await;
    deleted.expect("it can be deleted");
    assert_eq!(next(build()).await, 5, "the numbers of what was deleted");
    let advanced = kept.advance(step(4, 0, 1)).await;
    assert!(
        is_no_generation(&advanced),
        "who had the build before has none now"
    );
    // Another projection has numbers of its own.
    let other = Build::new(self::name("other"), (1, Fingerprint::new(1)));
    assert_eq!(next(other).await, 1);
}

/// Contract 17.
pub(crate) async fn x_41_one_build_at_most_is_read_and_never_one_that_is_behind(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build().live()).await;
    begin(kept, build()).await;
    begin(kept, build()).await;
    assert_eq!(numbers(kept).await, (vec![1, 2, 3], Some(1)));
    take(kept, step(1, 0, 10).parking([waiting(4, "1")])).await;
    take(kept, step(2, 0, 9).parking([waiting(5, "2")])).await;
    let before = Everything::of(kept, &name).await;
    for (number, checkpoint) in [(2, 9), (3, 0)] {
        let refused = kept.switch_to(&name, generation(number), None).await;
        match refused {
            Err(ProjectionStoreError::Behind {
                checkpoint: mine,
                live,
                ..
            }) => assert_eq!((mine, live), (at(checkpoint), at(10))),
            other => panic!("a build that is behind cannot be read: {other:?}"),
        }
    }
    let refused = kept.switch_to(&name, generation(9), None).await;
    assert!(is_no_generation(&refused), "there is no ninth");
    let refused = kept.drop_generation(&name, Generation::FIRST, None).await;
    assert!(
        matches!(refused, Err(ProjectionStoreError::Live { .. })),
        "what is read cannot be dropped: {refused:?}"
    );
    let after = Everything::of(kept, &name).await;
    assert_eq!(after, before, "what was refused has changed nothing");
    take(kept, step(2, 9, 10)).await;
    for _ in 0..2 {
        let switched = kept.switch_to(&name, generation(2), None).await;
        switched.expect("it is as far as the one that is read");
        assert_eq!(numbers(kept).await, (vec![2], Some(2)), "all others go");
    }
    let late = kept.advance(step(1, 10, 11)).await;
    assert!(is_no_generation(&late), "who builds what is gone is told");
    let parked = Everything::of(kept, &name).await.parked;
    assert_eq!(parked, [[waiting(5, "2")]], "the parked events of its own");
    // One that begins where the one that is read stands can take its place at once.
    begin(kept, build().after(at(10))).await;
    let switched = kept.switch_to(&name, generation(4), None).await;
    switched.expect("it is as far as the one that is read");
    assert_eq!(numbers(kept).await, (vec![4], Some(4)));
}

/// Contract 17.
pub(crate) async fn x_42_a_reset_takes_the_place_of_what_was_read_in_one_step(bench: Bench) {
    let (store, name) = (bench.store().await, balances());
    let Some(kept) = claimed(&store) else {
        return;
    };
    begin(kept, build().live()).await;
    take(kept, step(1, 0, 10).parking([waiting(4, "1")])).await;
    begin(kept, build()).await;
    take(kept, step(2, 0, 10).parking([waiting(5, "2")])).await;
    let begun = begin(kept, build().live()).await;
    assert_eq!(
        begun,
        StoredGeneration::new(generation(3), (1, Fingerprint::new(1)), None, 0),
        "a reset begins at the beginning, and with nothing parked"
    );
    assert_eq!(
        numbers(kept).await,
        (vec![2, 3], Some(3)),
        "what was read is gone, and other builds stay"
    );
    let late = kept.advance(step(1, 10, 11)).await;
    assert!(is_no_generation(&late), "who builds what is gone is told");
    let parked = Everything::of(kept, &name).await.parked;
    assert_eq!(parked, [vec![waiting(5, "2")], Vec::new()]);
    // A rebuild that was going on is not behind what begins anew.
    let switched = kept.switch_to(&name, generation(2), None).await;
    switched.expect("it is further than the one that is read");
    assert_eq!(numbers(kept).await, (vec![2], Some(2)));
}

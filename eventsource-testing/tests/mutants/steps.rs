//! Defects of the steps of a build, of parked events, and of what is found.

use std::sync::Mutex;

use eventsource_core::{
    Advance, EventStore, Fingerprint, Generation, MemoryStore, Parked, ParkedQuery, Position,
    ProjectionName, ProjectionStoreError, StoredGeneration, StoredProjection, StreamId,
    async_trait,
};

use crate::kept::{KeptDefect, Outcome, keeps};

/// Defects that only differ in what they do with a step.
macro_rules! advances {
    ($($name:ident |$good:ident, $step:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn advance(&self, $good: &MemoryStore, $step: Advance) -> Outcome<()> $body
        }
    )*};
}

/// Defects that only differ in what they find of a projection.
macro_rules! finds {
    ($($name:ident |$found:ident| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn find(
                &self,
                good: &MemoryStore,
                projection: &ProjectionName,
            ) -> Outcome<Option<StoredProjection>> {
                let mut found = keeps(good).find_projection(projection).await?;
                if let Some($found) = &mut found $body
                Ok(found)
            }
        }
    )*};
}

/// Defects that only differ in which parked events they give.
macro_rules! parked {
    ($($name:ident |$good:ident, $of:ident, $query:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn parked(
                &self,
                $good: &MemoryStore,
                $of: (&ProjectionName, Generation),
                $query: ParkedQuery,
            ) -> Outcome<Vec<Parked>> $body
        }
    )*};
}

async fn build(good: &MemoryStore, step: &Advance) -> Option<StoredGeneration> {
    let found = keeps(good).find_projection(&step.projection).await;
    found.ok()??.generation(step.generation).cloned()
}

/// The positions that are parked in the build of a step.
async fn places(good: &MemoryStore, step: &Advance) -> Vec<Position> {
    let all = ParkedQuery::first(usize::MAX);
    let parked = keeps(good).parked(&step.projection, step.generation, all);
    let parked = parked.await.unwrap_or_default();
    parked.iter().map(|event| event.position).collect()
}

/// A step of the same build that leaves the checkpoint where it is.
fn still(step: &Advance, at: Option<Position>) -> Advance {
    let still = Advance::new(step.projection.clone(), step.generation, (at, at));
    still.fenced(step.fence.clone())
}

advances! {
    MovesFromAnywhere |good, mut step| {
        step.check()?;
        if let Some(build) = build(good, &step).await {
            step.from = build.checkpoint;
            step.to = step.to.max(build.checkpoint);
        }
        keeps(good).advance(step).await
    }
    TakesAStepBackForNone |good, step| {
        match keeps(good).advance(step).await {
            Err(ProjectionStoreError::Backwards { .. }) => Ok(()),
            outcome => outcome,
        }
    }
    ParksThenMoves |good, mut step| {
        let at = build(good, &step).await.and_then(|build| build.checkpoint);
        let park = std::mem::take(&mut step.park);
        keeps(good).advance(still(&step, at).parking(park)).await?;
        tokio::task::yield_now().await;
        keeps(good).advance(step).await
    }
    LooksThenMoves |good, mut step| {
        let at = build(good, &step).await.and_then(|build| build.checkpoint);
        tokio::task::yield_now().await;
        if at == step.from {
            step.from = build(good, &step).await.and_then(|build| build.checkpoint);
            step.to = step.to.max(step.from);
        }
        keeps(good).advance(step).await
    }
    ForgetsWhatIsParked |good, mut step| {
        step.park.clear();
        keeps(good).advance(step).await
    }
    MovesToTheHead |good, mut step| {
        step.to = step.to.max(good.head().await.ok().flatten());
        keeps(good).advance(step).await
    }
    KeepsTheFirstError |good, mut step| {
        let parked = places(good, &step).await;
        step.park.retain(|event| !parked.contains(&event.position));
        keeps(good).advance(step).await
    }
    LetsGoOfWhatIsNotParked |good, mut step| {
        let parked = places(good, &step).await;
        step.unpark.retain(|position| parked.contains(position));
        keeps(good).advance(step).await
    }
    ParksBeforeItLetsGo |good, mut step| {
        let unpark = std::mem::take(&mut step.unpark);
        step.park.retain(|event| !unpark.contains(&event.position));
        keeps(good).advance(step.unparking(unpark)).await
    }
    LetsGoOfTheWholeStream |good, mut step| {
        let all = ParkedQuery::first(usize::MAX);
        let parked = keeps(good).parked(&step.projection, step.generation, all).await?;
        let gone: Vec<_> = parked
            .iter()
            .filter(|event| step.unpark.contains(&event.position))
            .map(|event| event.stream.clone())
            .collect();
        let followers = parked.iter().filter(|event| gone.contains(&event.stream));
        step.unpark.extend(followers.map(|event| event.position));
        keeps(good).advance(step).await
    }
    ParksAgainBesideTheFirst |good, mut step| {
        let parked = places(good, &step).await;
        for event in &mut step.park {
            while parked.contains(&event.position) && !step.unpark.contains(&event.position) {
                let next = Position::from_number(event.position.number() + 100);
                event.position = next.unwrap_or(event.position);
            }
        }
        keeps(good).advance(step).await
    }
    CutsErrors |good, mut step| {
        for event in &mut step.park {
            event.error = event.error.take().map(|error| error.chars().take(255).collect());
        }
        keeps(good).advance(step).await
    }
    TakesAnEmptyErrorForNone |good, mut step| {
        for event in &mut step.park {
            event.error = event.error.take().filter(|error| !error.is_empty());
        }
        keeps(good).advance(step).await
    }
    TrimsTheStreamsOfParkedEvents |good, mut step| {
        for event in &mut step.park {
            let (category, id) = (event.stream.category().clone(), event.stream.id().trim());
            event.stream = StreamId::in_category(category, id).unwrap_or_else(|_| event.stream.clone());
        }
        keeps(good).advance(step).await
    }
    MovesThoughItSaysThatItDidNot |good, step| {
        let outcome = keeps(good).advance(step.clone()).await;
        if let Err(ProjectionStoreError::Unavailable { .. }) = outcome {
            drop(keeps(good).advance(step).await);
        }
        outcome
    }
    SaysUnavailableForALostStep |good, step| {
        keeps(good).advance(step).await.map_err(|error| match error {
            ProjectionStoreError::Unknown(source) => ProjectionStoreError::Unavailable { source },
            other => other,
        })
    }
}

finds! {
    KeepsCheckpointsIn32Bits |found| {
        for build in &mut found.generations {
            let number = build.checkpoint.map(|at| at.number() & 0xffff_ffff);
            build.checkpoint = number.and_then(Position::from_number);
        }
    }
    KeepsFingerprintsIn32Bits |found| {
        for build in &mut found.generations {
            build.fingerprint = Fingerprint::new(build.fingerprint.number() & 0xffff_ffff);
        }
    }
    CountsNoParkedEvents |found| {
        for build in &mut found.generations {
            build.parked = 0;
        }
    }
    GivesTheNewestBuildFirst |found| {
        found.generations.reverse();
    }
}

parked! {
    GivesParkedEventsAsTheyCame |good, of, query| {
        let mut parked = keeps(good).parked(of.0, of.1, query).await?;
        parked.sort_by_key(|event| std::cmp::Reverse(event.at));
        Ok(parked)
    }
    IgnoresTheStreamOfParkedEvents |good, of, mut query| {
        query.stream = None;
        keeps(good).parked(of.0, of.1, query).await
    }
    FindsTheStreamsOfParkedEventsByPrefix |good, of, mut query| {
        let (stream, limit) = (query.stream.take(), query.limit);
        query.limit = usize::MAX;
        let mut parked = keeps(good).parked(of.0, of.1, query).await?;
        let stream = stream.map_or_else(String::new, |stream| stream.to_string());
        parked.retain(|event| event.stream.to_string().starts_with(&stream));
        parked.truncate(limit);
        Ok(parked)
    }
    TakesBeyondForFrom |good, of, mut query| {
        let before = query.after.map(|after| after.number() - 1);
        query.after = before.and_then(Position::from_number);
        keeps(good).parked(of.0, of.1, query).await
    }
    LimitsParkedEventsBeforeItFilters |good, of, mut query| {
        let stream = query.stream.take();
        let mut parked = keeps(good).parked(of.0, of.1, query).await?;
        parked.retain(|event| stream.as_ref().is_none_or(|stream| event.stream == *stream));
        Ok(parked)
    }
    TakesNoParkedEventForAll |good, of, mut query| {
        if query.limit == 0 {
            query.limit = usize::MAX;
        }
        keeps(good).parked(of.0, of.1, query).await
    }
}

/// Keeps every second step only, with what was in the one before.
#[derive(Debug, Default)]
pub(crate) struct KeepsAStepWithTheNext(Mutex<Option<Advance>>);

#[async_trait]
impl KeptDefect for KeepsAStepWithTheNext {
    async fn advance(&self, good: &MemoryStore, mut step: Advance) -> Outcome<()> {
        let before = self.0.lock().expect("nobody panics under it").take();
        let Some(before) = before else {
            *self.0.lock().expect("nobody panics under it") = Some(step);
            return Ok(());
        };
        step.from = before.from;
        step.park.splice(0..0, before.park);
        step.unpark.splice(0..0, before.unpark);
        keeps(good).advance(step).await
    }
}

/// Names a stream for each of its parked events.
#[derive(Debug, Default)]
pub(crate) struct RepeatsTheStreamsOfParkedEvents;

#[async_trait]
impl KeptDefect for RepeatsTheStreamsOfParkedEvents {
    async fn streams(
        &self,
        good: &MemoryStore,
        of: (&ProjectionName, Generation),
    ) -> Outcome<Vec<StreamId>> {
        let all = keeps(good).parked(of.0, of.1, ParkedQuery::first(usize::MAX));
        Ok(all.await?.into_iter().map(|event| event.stream).collect())
    }
}

//! Defects of trimming.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use eventsource_core::{
    Append, AppendError, AppendKey, Category, EventStore, EventStream, MemoryStore, Position, Read,
    ReadError, Receipt, Recorded, Rejection, Scope, StreamId, TrimError, TrimStore, Trimmed,
    Version, async_trait,
};

use crate::broken::{Defect, changed, ready};

/// Defects that only differ in what they do with a trim.
macro_rules! trims {
    ($($name:ident |$good:ident, $stream:ident, $before:ident| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn trim(
                &self,
                $good: &MemoryStore,
                $stream: &StreamId,
                $before: Version,
            ) -> Result<Trimmed, TrimError> $body
        }
    )*};
}

fn last(good: &MemoryStore, stream: &StreamId) -> Option<Version> {
    ready(good.stream_version(stream)).expect("memory")
}

fn first(good: &MemoryStore, stream: &StreamId) -> Option<Version> {
    ready(good.first_version(stream)).expect("memory")
}

trims! {
    OnlySaysThatItTrims |good, stream, before| {
        let removed = first(good, stream).map_or(0, |first| before.get().saturating_sub(first.get()));
        Ok(Trimmed::new(before, removed))
    }
    TrimsOneTooMany |good, stream, before| {
        let more = Version::after(Some(before)).min(last(good, stream).unwrap_or(before));
        good.trim(stream, more).await
    }
    TrimsTheOtherStreams |good, stream, before| {
        let outcome = good.trim(stream, before).await;
        for id in ["1", "2"] {
            let other = StreamId::new("account", id).expect("a legal name");
            let before = last(good, &other).map_or(before, |last| last.min(before));
            drop(good.trim(&other, before).await);
        }
        outcome
    }
    TakesAMissingStreamForATrimmedOne |good, stream, before| {
        match good.trim(stream, before).await {
            Err(TrimError::StreamNotFound { .. }) => Ok(Trimmed::new(before, 0)),
            other => other,
        }
    }
    TrimsUpToTheEnd |good, stream, before| {
        match good.trim(stream, before).await {
            Err(TrimError::BeyondEnd { last, .. }) => good.trim(stream, last).await,
            other => other,
        }
    }
    CannotTrimTwice |good, stream, before| {
        match good.trim(stream, before).await {
            Ok(done) if done.removed == 0 => Err(TrimError::Engine { source: "no rows".into() }),
            other => other,
        }
    }
    TrimsThoughItSaysThatItDidNot |good, stream, before| {
        let outcome = good.trim(stream, before).await;
        if matches!(outcome, Err(TrimError::Unavailable { .. })) {
            drop(good.trim(stream, before).await);
        }
        outcome
    }
    TrimsInTwoSteps |good, stream, before| {
        let begins = first(good, stream).map_or(0, Version::get);
        let half = Version::new(begins.midpoint(before.get())).unwrap_or(before);
        let done = good.trim(stream, half).await?;
        tokio::task::yield_now().await;
        let rest = good.trim(stream, before).await?;
        Ok(Trimmed::new(rest.first, done.removed + rest.removed))
    }
    SaysThatATrimFailedOfWhichNobodyKnows |good, stream, before| {
        match good.trim(stream, before).await {
            Err(TrimError::Unknown(source)) => Err(TrimError::Unavailable { source }),
            other => other,
        }
    }
}

/// Offers nothing, and claims it.
#[derive(Debug, Default)]
pub(crate) struct ClaimsToTrim;

impl Defect for ClaimsToTrim {
    fn has_trims(&self) -> bool {
        false
    }
}

/// Offers it, and claims nothing.
#[derive(Debug, Default)]
pub(crate) struct TrimsWithoutAClaim;

impl Defect for TrimsWithoutAClaim {
    fn capabilities(&self, good: &MemoryStore) -> eventsource_core::Capabilities {
        good.capabilities()
            .without(eventsource_core::Capability::Trim)
    }
}

/// Tells the version of a stream by counting.
#[derive(Debug, Default)]
pub(crate) struct CountsWhatIsLeft;

#[async_trait]
impl Defect for CountsWhatIsLeft {
    async fn stream_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        match good.read(Read::stream(stream.clone())).collect().await {
            Ok(events) => Ok(Version::new(events.len() as u64)),
            Err(ReadError::StreamNotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Takes a stream that begins later for one that is whole.
#[derive(Debug, Default)]
pub(crate) struct AlwaysBeginsAtVersionOne;

#[async_trait]
impl Defect for AlwaysBeginsAtVersionOne {
    async fn first_version(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
    ) -> Result<Option<Version>, ReadError> {
        let first = good.first_version(stream).await?;
        Ok(first.map(|_| Version::FIRST))
    }
}

/// Defects that only differ in what they tell of what was trimmed.
macro_rules! misses {
    ($($name:ident |$good:ident, $categories:ident, $after:ident| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn trimmed_beyond(
                &self,
                $good: &MemoryStore,
                $categories: &BTreeSet<Category>,
                $after: Option<Position>,
            ) -> Result<Option<StreamId>, ReadError> $body
        }
    )*};
}

misses! {
    ForgetsWhatItHasTrimmed |_good, _categories, _after| { Ok(None) }
    TellsOfTrimsOfEveryCategory |good, _categories, after| {
        let all = ["account", "lid"].map(|name| Category::new(name).expect("a legal name"));
        good.trimmed_beyond(&all.into(), after).await
    }
    TellsOfTrimsThatAreBehind |good, categories, _after| {
        good.trimmed_beyond(categories, None).await
    }
    LooksAtTheFirstCategoryOnly |good, categories, after| {
        let first = categories.iter().take(1).cloned().collect();
        good.trimmed_beyond(&first, after).await
    }
}

/// Whether an append has lost events.
fn is_trimmed(good: &MemoryStore, receipt: &Receipt) -> bool {
    let mut streams = receipt.streams.iter();
    streams.any(|one| first(good, &one.stream) > Some(one.first_version))
}

/// Has the events only, and so nothing where they are gone.
#[derive(Debug, Default)]
pub(crate) struct ForgetsKeysWithTheirEvents;

#[async_trait]
impl Defect for ForgetsKeysWithTheirEvents {
    async fn find_append(
        &self,
        good: &MemoryStore,
        key: &AppendKey,
    ) -> Result<Option<Receipt>, ReadError> {
        let found = good.find_append(key).await?;
        Ok(found.filter(|receipt| !is_trimmed(good, receipt)))
    }
}

/// Keeps where the events of a key stood, and not what they were.
#[derive(Debug, Default)]
pub(crate) struct ForgetsTheContentOfATrimmedKey;

#[async_trait]
impl Defect for ForgetsTheContentOfATrimmedKey {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        match good.append(append).await {
            Err(AppendError::Rejected(Rejection::KeyReused { first, .. }))
                if is_trimmed(good, &first) =>
            {
                Ok(*first)
            }
            other => other,
        }
    }
}

/// Tells of a key what is left of its events.
#[derive(Debug, Default)]
pub(crate) struct CutsReceiptsWithTheirEvents;

#[async_trait]
impl Defect for CutsReceiptsWithTheirEvents {
    async fn find_append(
        &self,
        good: &MemoryStore,
        key: &AppendKey,
    ) -> Result<Option<Receipt>, ReadError> {
        let mut found = good.find_append(key).await?;
        for one in found.iter_mut().flat_map(|receipt| &mut receipt.streams) {
            let left = first(good, &one.stream).unwrap_or(one.first_version);
            one.first_version = one.first_version.max(left).min(one.last_version);
        }
        Ok(found)
    }
}

/// Brings the events that are left as if they followed.
#[derive(Debug, Default)]
pub(crate) struct BringsWhatIsLeftOfTheMissedEvents;

#[async_trait]
impl Defect for BringsWhatIsLeftOfTheMissedEvents {
    async fn append(&self, good: &MemoryStore, append: Append) -> Result<Receipt, AppendError> {
        let limit = append.missed_limit;
        match good.append(append).await {
            Err(AppendError::Conflict(mut conflict)) if limit > 0 => {
                for one in &mut conflict.streams {
                    if one.missed.is_empty() && one.expected.last_seen().is_some() {
                        let left = Read::stream(one.stream.clone()).limit(limit as u64);
                        one.missed = ready(good.read(left).collect()).expect("memory");
                    }
                }
                Err(AppendError::Conflict(conflict))
            }
            other => other,
        }
    }
}

/// Reads each page anew, from the version after the last one.
#[derive(Debug, Default)]
pub(crate) struct GoesOnBehindAHole;

fn in_steps(
    good: &MemoryStore,
    read: Read,
    mut step: impl FnMut(&MemoryStore, &Read, Option<&Recorded>) -> Option<Vec<Recorded>>
    + Send
    + Unpin
    + 'static,
) -> EventStream {
    let (good, mut last) = (good.clone(), None);
    EventStream::from_page_fn(move || {
        let page = step(&good, &read, last.as_ref())?;
        last = page.last().cloned();
        last.is_some().then_some(Ok(page))
    })
}

/// Whether a mutant of reading under way has a subject: a read of a whole stream that is long, forward.
fn is_long(good: &MemoryStore, read: &Read) -> bool {
    let Scope::Stream(stream) = &read.scope else {
        return false;
    };
    let plain = read.clone() == Read::stream(stream.clone());
    plain && last(good, stream).is_some_and(|last| last.get() > 1_000)
}

fn page_after(good: &MemoryStore, read: &Read, last: Option<&Recorded>) -> Option<Vec<Recorded>> {
    let next = read
        .clone()
        .after(last.map(|event| event.position))
        .limit(200);
    ready(good.read(next).collect()).ok()
}

impl Defect for GoesOnBehindAHole {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        if !is_long(good, &read) {
            return good.read(read);
        }
        in_steps(good, read, page_after)
    }
}

/// Takes what is gone for the end.
#[derive(Debug, Default)]
pub(crate) struct EndsAtAHole;

impl Defect for EndsAtAHole {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        if !is_long(good, &read) {
            return good.read(read);
        }
        in_steps(good, read, |good, read, last| {
            let page = page_after(good, read, last)?;
            let next = page.first()?.version.get();
            let follows = last.is_none_or(|last| last.version.get() + 1 == next);
            follows.then_some(page)
        })
    }
}

/// Waits at a position that no event has any more.
#[derive(Debug, Default)]
pub(crate) struct StopsAtAGap;

impl Defect for StopsAtAGap {
    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let whole = read.scope == Scope::All && read.filter.is_all() && read.to_position.is_some();
        let begin = read.from_position.map_or(1, Position::number);
        changed(good, read, move |events| {
            let follows = |(place, event): &(u64, Recorded)| event.position.number() == *place;
            let numbered = (begin..).zip(events);
            let left: Box<dyn Iterator<Item = _>> = if whole {
                Box::new(numbered.take_while(follows))
            } else {
                Box::new(numbered)
            };
            left.map(|(_, event)| event).collect()
        })
    }
}

/// Keeps one position for each trim, however many events went.
#[derive(Debug, Default)]
pub(crate) struct LosesAnEventBesideAGap {
    trims: AtomicU64,
    is_old: AtomicBool,
}

#[async_trait]
impl Defect for LosesAnEventBesideAGap {
    async fn trim(
        &self,
        good: &MemoryStore,
        stream: &StreamId,
        before: Version,
    ) -> Result<Trimmed, TrimError> {
        let many = self.trims.fetch_add(1, Ordering::SeqCst) > 2;
        self.is_old.store(many, Ordering::SeqCst);
        good.trim(stream, before).await
    }

    fn read(&self, good: &MemoryStore, read: Read) -> EventStream {
        let loses = self.is_old.load(Ordering::SeqCst) && read.scope == Scope::All;
        changed(good, read, move |mut events| {
            let gap = events
                .windows(2)
                .position(|two| two[1].position.number() > two[0].position.number() + 1);
            if let Some(gap) = gap.filter(|_| loses) {
                events.remove(gap);
            }
            events
        })
    }
}

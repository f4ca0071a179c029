//! Defects of appending.

use eventsource_core::{
    Append, AppendError, Applied, Conflict, EventId, EventName, EventStore, EventStoreExt,
    Expected, IdSource, MemoryStore, NewEvent, Receipt, Rejection, StoredPayload, StreamConflict,
    Timestamp, UuidV7, Version, async_trait,
};

use crate::broken::{Defect, ready};

/// Defects that only differ in what they do with an append.
macro_rules! appends {
    ($($name:ident |$good:ident, $append:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl Defect for $name {
            async fn append(
                &self,
                $good: &MemoryStore,
                $append: Append,
            ) -> Result<Receipt, AppendError> $body
        }
    )*};
}

fn expecting(append: &mut Append, change: impl Fn(Expected) -> Expected) {
    for part in &mut append.parts {
        part.expected = change(part.expected);
    }
}

fn change_conflict(
    outcome: Result<Receipt, AppendError>,
    change: impl FnOnce(&mut Vec<StreamConflict>),
) -> Result<Receipt, AppendError> {
    outcome.map_err(|error| match error {
        AppendError::Conflict(mut conflict) => {
            change(&mut conflict.streams);
            AppendError::Conflict(conflict)
        }
        other => other,
    })
}

/// An event with an id of its own.
pub(crate) fn one_event() -> NewEvent {
    NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("account.noted").expect("a legal name"),
        1,
        StoredPayload::json(b"0"),
        Timestamp::EPOCH,
    )
}

fn never(append: &Append, expected: Expected) -> Option<AppendError> {
    let part = append.parts.iter().find(|part| part.expected == expected)?;
    let conflict = StreamConflict::new(part.stream.clone(), expected, None, Vec::new());
    Some(AppendError::Conflict(Conflict::new(vec![conflict])))
}

pub(crate) fn unavailable() -> AppendError {
    AppendError::Rejected(Rejection::Unavailable {
        source: "broken".into(),
    })
}

/// Writes what it should not have, whatever is expected.
async fn force(good: &MemoryStore, mut append: Append) {
    append.key = None;
    expecting(&mut append, |_| Expected::Any);
    drop(good.append(append).await);
}

appends! {
    LosesTheSecondEventOfABatch |good, mut append| {
        for part in &mut append.parts {
            if part.events.len() > 1 {
                part.events.remove(1);
            }
        }
        good.append(append).await
    }
    IgnoresTheExpectation |good, mut append| {
        expecting(&mut append, |_| Expected::Any);
        good.append(append).await
    }
    TakesExistsForAny |good, mut append| {
        expecting(&mut append, |e| if e == Expected::Exists { Expected::Any } else { e });
        good.append(append).await
    }
    TakesAnyForExists |good, mut append| {
        expecting(&mut append, |e| if e == Expected::Any { Expected::Exists } else { e });
        good.append(append).await
    }
    TakesAnyForNoStream |good, mut append| {
        expecting(&mut append, |e| if e == Expected::Any { Expected::NoStream } else { e });
        good.append(append).await
    }
    TakesExactOneForNoStream |good, mut append| {
        let one = Expected::Exact(Version::FIRST);
        for part in &mut append.parts {
            if part.expected == one && ready(good.stream_version(&part.stream)).ok() == Some(None) {
                part.expected = Expected::NoStream;
            }
        }
        good.append(append).await
    }
    NeverFindsNoStream |good, append| {
        match never(&append, Expected::NoStream) {
            Some(error) => Err(error),
            None => good.append(append).await,
        }
    }
    NeverFindsExists |good, append| {
        match never(&append, Expected::Exists) {
            Some(error) => Err(error),
            None => good.append(append).await,
        }
    }
    AcceptsAVersionThatIsOneTooLow |good, mut append| {
        for part in &mut append.parts {
            if let Expected::Exact(version) = part.expected
                && ready(good.stream_version(&part.stream)).ok().flatten() == version.get().checked_add(1).and_then(Version::new)
            {
                part.expected = Expected::Any;
            }
        }
        good.append(append).await
    }
    KeepsVersionsIn32Bits |good, mut append| {
        expecting(&mut append, |e| match e {
            Expected::Exact(version) => {
                Version::new(version.get() & 0xffff_ffff).map_or(Expected::Any, Expected::Exact)
            }
            other => other,
        });
        good.append(append).await
    }
    EndsAStreamAt65535Events |good, append| {
        let version = ready(good.stream_version(&append.parts[0].stream)).ok().flatten();
        if Version::number(version) + append.events().count() as u64 > 65_535 {
            return Err(unavailable());
        }
        good.append(append).await
    }
    ChecksThenWrites |good, mut append| {
        let checks = append.parts.iter().map(|part| {
            Append::to(part.stream.clone(), part.expected, []).with_missed(append.missed_limit)
        });
        for check in checks.collect::<Vec<_>>() {
            good.append(check).await?;
        }
        tokio::task::yield_now().await;
        expecting(&mut append, |_| Expected::Any);
        good.append(append).await
    }
    RetriesWithTheVersionItFound |good, mut append| {
        // Two who append without an expectation stand in each other's way.
        for part in &mut append.parts {
            if part.expected == Expected::Any {
                part.expected = Expected::seen(good.stream_version(&part.stream).await.expect("memory"));
            }
        }
        tokio::task::yield_now().await;
        good.append(append).await
    }
    HasOneVersionForAllStreams |good, append| {
        let all = ready(good.read_all()).expect("memory");
        if let (Expected::Exact(_), Some(last)) = (append.parts[0].expected, all.last())
            && last.stream != append.parts[0].stream
        {
            let part = &append.parts[0];
            let conflict = StreamConflict::new(part.stream.clone(), part.expected, None, Vec::new());
            return Err(AppendError::Conflict(Conflict::new(vec![conflict])));
        }
        good.append(append).await
    }
    TellsAWrongActualVersion |good, append| {
        change_conflict(good.append(append).await, |streams| {
            for one in streams {
                one.actual = one.actual.map(|actual| actual.plus(1));
            }
        })
    }
    BringsNoMissedEvents |good, mut append| {
        append.missed_limit = 0;
        good.append(append).await
    }
    BringsAllMissedEvents |good, mut append| {
        append.missed_limit = usize::MAX;
        good.append(append).await
    }
    ReportsTheFirstConflictOnly |good, append| {
        change_conflict(good.append(append).await, |streams| streams.truncate(1))
    }
    StoresTheFirstPartOfAConflict |good, mut append| {
        let outcome = good.append(append.clone()).await;
        if append.parts.len() > 1 && outcome.is_err() {
            append.parts.truncate(1);
            drop(good.append(append).await);
        }
        outcome
    }
    ForgetsToCheckOtherStreams |good, mut append| {
        let events = append.events().count();
        if events > 0 {
            append.parts.retain(|part| !part.events.is_empty());
        }
        good.append(append).await
    }
    SortsTheParts |good, mut append| {
        append.parts.sort_by(|a, b| a.stream.cmp(&b.stream));
        good.append(append).await
    }
    LocksStreamsInTheOrderOfTheAppend |good, append| {
        // A deadlock, found by the engine, ends one of the two.
        if append.parts.len() > 1 && append.parts.iter().filter(|part| !part.events.is_empty()).count() > 1
            && append.parts[0].stream > append.parts[1].stream
        {
            return Err(unavailable());
        }
        good.append(append).await
    }
    StoresAnEmptyAppend |good, mut append| {
        if append.events().count() == 0 {
            let name = EventName::new("nothing").expect("a name");
            let id = EventId::new(UuidV7.next_id());
            let payload = StoredPayload::json(b"0");
            let event = NewEvent::new(id, name, 1, payload, Timestamp::EPOCH);
            append.parts[0].events.push(event);
            good.append(append).await?;
            return Ok(Receipt::new(Applied::Now, Vec::new()));
        }
        good.append(append).await
    }
    SkipsTheCheckOfAnEmptyAppend |good, mut append| {
        if append.events().count() == 0 {
            expecting(&mut append, |_| Expected::Any);
        }
        good.append(append).await
    }
    TellsAWrongPosition |good, append| {
        let mut receipt = good.append(append).await?;
        for part in &mut receipt.streams {
            part.last_position = part.first_position;
        }
        Ok(receipt)
    }
    AcceptsDuplicateIds |good, mut append| {
        loop {
            match good.append(append.clone()).await {
                Err(AppendError::Rejected(Rejection::DuplicateEventId { event })) => {
                    let same = append.parts.iter_mut().flat_map(|part| &mut part.events);
                    let id = UuidV7.next_id();
                    let last = same.filter(|one| one.id == event).last().expect("it was found");
                    last.id = EventId::new(id);
                }
                outcome => return outcome,
            }
        }
    }
    StoresABatchUpToTheBadEvent |good, mut append| {
        let outcome = good.append(append.clone()).await;
        if let Err(AppendError::Rejected(
            Rejection::DuplicateEventId { .. } | Rejection::SchemaVersionZero { .. } | Rejection::TooLarge { .. },
        )) = &outcome
        {
            append.parts[0].events.truncate(1);
            force(good, append).await;
        }
        outcome
    }
    HalfWritesWhenItFails |good, mut append| {
        let outcome = good.append(append.clone()).await;
        if let Err(error) = &outcome && error.is_transient() {
            append.parts[0].events.truncate(1);
            force(good, append).await;
        }
        outcome
    }
    StoresThoughItSaysThatItDidNot |good, append| {
        let outcome = good.append(append.clone()).await;
        if let Err(error) = &outcome && error.is_transient() {
            force(good, append).await;
        }
        outcome
    }
    WritesEventByEvent |good, mut append| {
        let Some(rest) = append.parts.first_mut().filter(|part| part.events.len() > 1) else {
            return good.append(append).await;
        };
        let rest = rest.events.split_off(1);
        let stream = append.parts[0].stream.clone();
        let mut first = good.append(append).await?;
        tokio::task::yield_now().await;
        if first.is_first() {
            let second = good.append(Append::to(stream, Expected::Any, rest)).await?;
            first.streams[0].last_version = second.streams[0].last_version;
            first.streams[0].last_position = second.streams[0].last_position;
        }
        Ok(first)
    }
    SaysUnknownForEveryFailure |good, append| {
        good.append(append).await.map_err(|error| {
            if error.is_transient() { AppendError::Unknown("broken".into()) } else { error }
        })
    }
    ShowsPayloadsInErrors |good, append| {
        let shown: String = append
            .events()
            .map(|event| String::from_utf8_lossy(event.payload.bytes()).into_owned())
            .collect();
        good.append(append).await.map_err(|error| match error {
            AppendError::Rejected(Rejection::DuplicateEventId { .. }) => {
                AppendError::Rejected(Rejection::Engine { source: format!("INSERT {shown}").into() })
            }
            other => other,
        })
    }
    AcceptsAKeyForOtherContent |good, append| {
        match good.append(append).await {
            Err(AppendError::Rejected(Rejection::KeyReused { first, .. })) => Ok(*first),
            outcome => outcome,
        }
    }
    ForgetsKeys |good, mut append| {
        append.key = None;
        good.append(append).await
    }
    AsksTheConditionOfARetry |good, append| {
        for part in &append.parts {
            let check = Append::to(part.stream.clone(), part.expected, []);
            good.append(check).await?;
        }
        good.append(append).await
    }
    SkipsTheConditionUnderAKey |good, mut append| {
        if append.key.is_some() {
            expecting(&mut append, |_| Expected::Any);
        }
        good.append(append).await
    }
    CutsPayloadsAtNul |good, mut append| {
        for event in append.parts.iter_mut().flat_map(|part| &mut part.events) {
            let bytes = event.payload.bytes();
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            event.payload = StoredPayload::new(event.payload.content_type().clone(), &bytes[..end]);
        }
        good.append(append).await
    }
    TidiesJsonUp |good, mut append| {
        for event in append.parts.iter_mut().flat_map(|part| &mut part.events) {
            let tidy: Vec<u8> = event.payload.bytes().iter().copied().filter(|byte| *byte != b' ').collect();
            event.payload = StoredPayload::new(event.payload.content_type().clone(), &tidy);
        }
        good.append(append).await
    }
    RefusesAMegabyte |good, append| {
        if append.events().any(|event| event.payload.bytes().len() >= 1024 * 1024) {
            return Err(unavailable());
        }
        good.append(append).await
    }
    SplitsLargeBatches |good, mut append| {
        // Two commits, and the receipt of the second one.
        let rest = match append.parts.as_mut_slice() {
            [part] if part.events.len() > 5_000 => part.events.split_off(5_000),
            _ => return good.append(append).await,
        };
        let stream = append.parts[0].stream.clone();
        good.append(append).await?;
        good.append(Append::to(stream, Expected::Any, rest)).await
    }
}

//! Defects of reading.

use std::{collections::BTreeSet, sync::Arc};

use eventsource_core::{
    Direction, EventStore, EventStoreExt, EventStream, Filter, MemoryStore, Metadata, Position,
    Read, ReadError, Scope, Timestamp, Version,
};

use crate::broken::{Defect, changed, each, ready};

/// Defects that only differ in what they do with a read.
macro_rules! reads {
    ($($name:ident |$good:ident, $read:pat_param| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        impl Defect for $name {
            fn read(
                &self,
                $good: &MemoryStore,
                $read: Read,
            ) -> EventStream $body
        }
    )*};
}

/// Only with a wide read: the events beyond so many.
const BUFFER: usize = 1_000;

reads! {
    SwapsTwoEvents |good, read| {
        changed(good, read, |mut events| {
            if events.len() > 1 {
                events.swap(0, 1);
            }
            events
        })
    }
    LosesMetadata |good, read| {
        each(good, read, |event| event.metadata = Metadata::new())
    }
    LosesTags |good, read| {
        each(good, read, |event| event.tags.clear())
    }
    KeepsMilliseconds |good, read| {
        each(good, read, |event| {
            let millis = event.occurred_at.as_micros().div_euclid(1_000);
            event.occurred_at = Timestamp::from_micros(millis.saturating_mul(1_000));
        })
    }
    RoundsFloats |good, read| {
        each(good, read, |event| {
            let Some(fact) = event.metadata.get("float").and_then(serde_json::Value::as_f64) else {
                return;
            };
            let rounded: f64 = format!("{fact:.14e}").parse().expect("a number");
            event.metadata = Metadata::new().with("float", rounded).expect("a free key");
        })
    }
    CutsFourByteCharacters |good, read| {
        each(good, read, |event| {
            let kept = |text: &str| text.chars().filter(|c| c.len_utf8() < 4).collect::<String>();
            event.actor = event.actor.take().and_then(|actor| eventsource_core::Actor::new(kept(actor.as_str())).ok());
        })
    }
    ChangesOldEvents |good, read| {
        changed(good, read, |mut events| {
            if events.len() > 100 && let Some(first) = events.first_mut() {
                Arc::make_mut(first).schema_version += 1;
            }
            events
        })
    }
    TakesTheTimeFromTheCaller |good, read| {
        each(good, read, |event| event.recorded_at = event.occurred_at)
    }
    ReusesPositions |good, read| {
        each(good, read, |event| {
            let odd = event.position.number() | 1;
            event.position = Position::from_number(odd).expect("not 0");
        })
    }
    TakesAMissingStreamForAnEmptyOne |good, read| {
        match ready(good.read(read.clone()).collect()) {
            Err(ReadError::StreamNotFound { .. }) => EventStream::from_page_fn(|| None),
            _ => good.read(read),
        }
    }
    TakesAnEmptyRangeForAMissingStream |good, read| {
        match (ready(good.read(read.clone()).collect()), &read.scope) {
            (Ok(events), Scope::Stream(stream)) if events.is_empty() => {
                EventStream::failed(ReadError::StreamNotFound { stream: stream.clone() })
            }
            _ => good.read(read),
        }
    }
    FailsWhereNothingMatches |good, read| {
        match ready(good.read(read.clone()).collect()) {
            Ok(events) if events.is_empty() => {
                EventStream::failed(ReadError::Engine { source: "no rows".into() })
            }
            _ => good.read(read),
        }
    }
    EndsOneVersionEarly |good, mut read| {
        read.to_version = read.to_version.and_then(|to| Version::new(to.get() - 1));
        good.read(read)
    }
    IgnoresTheLimit |good, mut read| {
        read.limit = None;
        good.read(read)
    }
    IgnoresTheDirection |good, mut read| {
        read.direction = Direction::Forward;
        good.read(read)
    }
    TakesNoNameForAllNames |good, mut read| {
        read.filter.names = read.filter.names.filter(|names| !names.is_empty());
        good.read(read)
    }
    CountsVersionsInTheFilter |good, read| {
        let filtered = !read.filter.is_all();
        changed(good, read, move |mut events| {
            for (place, event) in events.iter_mut().enumerate().filter(|_| filtered) {
                Arc::make_mut(event).version = Version::new(place as u64 + 1).expect("not 0");
            }
            events
        })
    }
    RepeatsAnEventAtTheEndOfAPage |good, read| {
        changed(good, read, |events| {
            let pages = events.chunks(256).flat_map(|page| page.iter().chain(page.last().filter(|_| page.len() == 256)));
            pages.cloned().collect()
        })
    }
    LosesAnEventAtTheEndOfAPage |good, read| {
        changed(good, read, |mut events| {
            if events.len() > 256 {
                events.remove(256);
            }
            events
        })
    }
    PagesBackwardByOffset |good, read| {
        if read.direction == Direction::Forward || read.limit.is_some() {
            return good.read(read);
        }
        let (good, mut page) = (good.clone(), 0);
        EventStream::from_page_fn(move || {
            let events = match ready(good.read(read.clone()).collect()) {
                Ok(events) => events,
                Err(error) => return Some(Err(error)),
            };
            let events: Vec<_> = events.into_iter().skip(page * 150).take(150).collect();
            page += 1;
            (!events.is_empty()).then_some(Ok(events))
        })
    }
    DropsWhatDoesNotFitItsBuffer |good, read| {
        let wide = read.scope == Scope::All && read.limit.is_none();
        changed(good, read, move |events| {
            let late = events.len().saturating_sub(BUFFER) * usize::from(wide);
            events.into_iter().skip(late).collect()
        })
    }
    TakesTimesAsExclusive |good, mut read| {
        read.occurred_to = read.occurred_to.map(|to| to.saturating_add_micros(-1));
        good.read(read)
    }
    FindsCategoriesByPrefix |good, mut read| {
        let Scope::Category(category) = &read.scope else {
            return good.read(read);
        };
        let category = category.clone();
        read.scope = Scope::All;
        let limit = read.limit.take();
        changed(good, read, move |mut events| {
            events.retain(|event| event.stream.category().as_str().starts_with(category.as_str()));
            events.truncate(limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
            events
        })
    }
    ReadsTheFirstCategoryOnly |good, mut read| {
        if let Scope::Categories(categories) = &mut read.scope {
            *categories = categories.pop_first().into_iter().collect();
        }
        good.read(read)
    }
    ReadsOneCategoryAfterTheOther |good, read| {
        let of_several = matches!(read.scope, Scope::Categories(_));
        changed(good, read, move |mut events| {
            if of_several {
                events.sort_by_key(|event| event.stream.category().clone());
            }
            events
        })
    }
    TakesNoCategoryForAll |good, mut read| {
        if read.scope == Scope::Categories(BTreeSet::new()) {
            read.scope = Scope::All;
        }
        good.read(read)
    }
    LeavesNoNameOut |good, mut read| {
        read.filter.except.clear();
        good.read(read)
    }
    LeavesOutTheFirstNameOnly |good, mut read| {
        read.filter.except = read.filter.except.pop_first().into_iter().collect();
        good.read(read)
    }
    GivesWhatIsLeftOutWhereItIsNamed |good, mut read| {
        if read.filter.names.is_some() {
            read.filter.except.clear();
        }
        good.read(read)
    }
    FiltersByTheFirstNameOnly |good, mut read| {
        if let Some(names) = &mut read.filter.names {
            *names = names.pop_first().into_iter().collect();
        }
        good.read(read)
    }
    FiltersByTheFirstTagOnly |good, mut read| {
        read.filter.tags = read.filter.tags.pop_first().into_iter().collect::<BTreeSet<_>>();
        good.read(read)
    }
    ForgetsTheConversation |good, mut read| {
        read.filter.correlation = None;
        good.read(read)
    }
    FollowsTheFirstCauseOnly |good, mut read| {
        if let Some(causes) = &mut read.filter.causes {
            *causes = causes.pop_first().into_iter().collect();
        }
        good.read(read)
    }
    TakesNoCauseForAnyCause |good, mut read| {
        read.filter.causes = read.filter.causes.filter(|causes| !causes.is_empty());
        good.read(read)
    }
    FollowsSixteenCausesOnly |good, mut read| {
        if let Some(causes) = &mut read.filter.causes {
            *causes = std::mem::take(causes).into_iter().take(16).collect();
        }
        good.read(read)
    }
    ForgetsOtherFiltersOfAConversation |good, mut read| {
        if read.filter.correlation.is_some() {
            read.filter.names = None;
            read.filter.tags.clear();
        }
        good.read(read)
    }
    TakesTheCauseOrTheConversation |good, mut read| {
        let filter = read.filter.clone();
        let (Some(_), Some(conversation)) = (&filter.causes, filter.correlation) else {
            return good.read(read);
        };
        read.filter.causes = None;
        read.filter.correlation = None;
        changed(good, read, move |mut events| {
            events.retain(|event| {
                let cause = event.causation_id;
                event.correlation_id == Some(conversation)
                    || filter.causes.iter().flatten().any(|one| cause == Some(*one))
            });
            events
        })
    }
    ForgetsTheStreamUnderAFilter |good, mut read| {
        if !read.filter.is_all() && read.from_version.is_none() && read.to_version.is_none() {
            read.scope = Scope::All;
        }
        good.read(read)
    }
    MissesTheEventAtTheEndPosition |good, mut read| {
        read.to_position = read.to_position.and_then(|to| Position::from_number(to.number() - 1));
        good.read(read)
    }
    BeginsOnePositionEarly |good, mut read| {
        read.from_position = read.from_position.and_then(|from| Position::from_number(from.number() - 1));
        good.read(read)
    }
    MissesTheFirstPositionAfter |good, mut read| {
        read.from_position = read.from_position.and_then(|from| Position::from_number(from.number() + u64::from(from.number() % 7 == 0)));
        good.read(read)
    }
    KeepsPositionsIn32Bits |good, mut read| {
        read.from_position = read.from_position.and_then(|from| Position::from_number(from.number() & 0xffff_ffff));
        good.read(read)
    }
    PutsNamesIntoTheQuery |good, mut read| {
        // What `WHERE id = '<name>'` becomes.
        if let Scope::Stream(stream) = &read.scope && stream.id().contains("' OR '1'='1") {
            read.scope = Scope::All;
        }
        good.read(read)
    }
    OrdersByTheTimesOfEvents |good, read| {
        let backward = read.direction == Direction::Backward;
        changed(good, read, move |mut events| {
            events.sort_by_key(|event| event.occurred_at);
            if backward {
                events.reverse();
            }
            events
        })
    }
    LimitsBeforeItFilters |good, mut read| {
        let filter = std::mem::take(&mut read.filter);
        changed(good, read, move |mut events| {
            events.retain(|event| filter.matches(event));
            events
        })
    }
    SkipsWhatItDoesNotKnow |good, read| {
        changed(good, read, |mut events| {
            events.retain(|event| event.name.as_str().starts_with("account.") && event.schema_version < 1_000);
            events
        })
    }
    GivesEverythingInOnePage |good, read| {
        changed(good, read, |events| events)
    }
    TakesTheTimeOfRecordingAsExclusive |good, mut read| {
        read.recorded_to = read.recorded_to.map(|to| to.saturating_add_micros(-1));
        good.read(read)
    }
    LosesWhatIsCommittedBetweenItsPages |good, read| {
        if read.to_position.is_none() || read.direction == Direction::Backward {
            return good.read(read);
        }
        // It counts its places from the end, and the end moves.
        let (good, mut page, mut first) = (good.clone(), 0, None);
        EventStream::from_page_fn(move || {
            let events = ready(good.read(read.clone()).collect()).expect("memory");
            let now = ready(good.read_all()).expect("memory").len();
            let moved = now - *first.get_or_insert(now);
            let events: Vec<_> = events.into_iter().skip(page * 200 + moved).take(200).collect();
            page += 1;
            (!events.is_empty()).then_some(Ok(events))
        })
    }
    LosesEventsUnderAFilter |good, read| {
        let filtered = read.filter != Filter::default() && read.to_position.is_some();
        changed(good, read, move |mut events| {
            if filtered && events.len() > 1 {
                events.pop();
            }
            events
        })
    }
}

//! Metadata: what a repository writes around the events of a command.

use std::{collections::HashSet, sync::Arc};

use eventsource_core::{
    Aggregate, CausationId, CommandId, Context, CorrelationId, CountingIds, EventStoreExt,
    ExecuteError, IdSource, Recorded, Timestamp,
};

use super::pure_decision::decided_by_repository;
use crate::scenario::{
    check::{Check, Checks},
    command::Command,
    journal::Journal,
    production,
    ready::block_on_ready,
    report::text::chain,
    run::Made,
    setup::World,
};

const NOT_RELATED: &str =
    "give each id once: `IdSource::next_id` is to give an id that no other call gives";

/// The conversation of scenarios that name none.
const CONVERSATION: u64 = 1 << 60;

/// Executes the command by a repository on the first events of the journal, and looks at what it stored: at the events,
/// which are to be those that were made before, and at their envelopes.
pub(in crate::scenario) fn metadata<A: Aggregate>(
    journal: &Journal,
    first: usize,
    world: &World,
    command: &Command<A>,
    made: &Made<A>,
    checks: &mut Checks,
) -> Vec<Recorded> {
    let context = related(world);
    let decided = match record(journal, first, world, &context, command) {
        Ok(decided) => decided,
        Err(why) => {
            let text = format!("a repository did not store the events: {why}");
            checks.find(Check::Metadata, text, NOT_RELATED);
            return Vec::new();
        }
    };
    decided_by_repository::<A>(made, decided.as_deref(), checks);
    let recorded = decided.unwrap_or_default();
    if recorded.is_empty() {
        checks.no_subject(Check::Metadata, || {
            "the command made no event happen when a repository executed it".to_owned()
        });
        return recorded;
    }
    checks.looked(Check::Metadata);
    if let Some(why) = unrelated(&recorded, &context, world.now) {
        checks.find(Check::Metadata, why, NOT_RELATED);
    }
    recorded
}

/// The context of the scenario, with a command id and a conversation where it has none.
fn related(world: &World) -> Context {
    let mut context = world.context.clone();
    context
        .command_id
        .get_or_insert_with(|| CommandId::new(world.ids.next_id()));
    // Another one than the command's, so that it is seen whether it is handed on.
    context
        .correlation_id
        .get_or_insert_with(|| CorrelationId::new(CountingIds::from(CONVERSATION).next_id()));
    context
}

/// The events that the repository stored, or its handler's refusal.
fn record<A: Aggregate>(
    journal: &Journal,
    first: usize,
    world: &World,
    context: &Context,
    command: &Command<A>,
) -> Result<Result<Vec<Recorded>, A::Error>, String> {
    let (store, clock) = journal.copy(&world.stream, first, world.now)?;
    let ids = Arc::clone(&world.ids);
    let (stream, context) = (&world.stream, context.clone());
    let executed = production::execute(store.clone(), clock, ids, context, stream, command);
    match executed {
        Ok(receipt) if receipt.is_empty() => return Ok(Ok(Vec::new())),
        Ok(_) => {}
        Err(ExecuteError::Refused(refusal)) => return Ok(Err(refusal)),
        Err(error) => return Err(chain(&error)),
    }
    let mut recorded = block_on_ready(store.read_stream(stream)).map_err(|e| chain(&e))?;
    Ok(Ok(recorded.split_off(first.min(recorded.len()))))
}

/// What is wrong with the envelopes of one command's events.
fn unrelated(recorded: &[Recorded], context: &Context, now: Timestamp) -> Option<String> {
    let command = context.command_id?;
    let cause = context.causation_id.unwrap_or_else(|| command.into());
    let occurred_at = context.occurred_at.unwrap_or(now);
    let mut ids = HashSet::from([command.as_uuid()]);
    for event in recorded {
        let name = &event.name;
        let differs = |what: &str, expected: &dyn std::fmt::Display, actual: Option<String>| {
            let actual = actual.unwrap_or_else(|| "none".to_owned());
            Some(format!(
                "`{name}` was stored with the {what} {actual}, not {expected}"
            ))
        };
        if !ids.insert(event.id.as_uuid()) {
            let id = event.id;
            return Some(format!(
                "`{name}` has the id {id}, which is the command's or another event's"
            ));
        }
        if event.causation_id != Some(cause) {
            return differs(
                "cause",
                &cause,
                event.causation_id.as_ref().map(CausationId::to_string),
            );
        }
        if let Some(conversation) = context.correlation_id
            && event.correlation_id != Some(conversation)
        {
            let actual = event.correlation_id.as_ref().map(CorrelationId::to_string);
            return differs("correlation id", &conversation, actual);
        }
        if event.occurred_at != occurred_at {
            return differs("time", &occurred_at, Some(event.occurred_at.to_string()));
        }
        let rest = (&event.actor, &event.metadata, &event.tags);
        if rest != (&context.actor, &context.metadata, &context.tags) {
            return Some(format!(
                "`{name}` was stored with another actor, other facts or other tags than those of the context"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use eventsource_core::{
        Actor, EventId, EventName, NewEvent, Position, RecordedEvent, StoredPayload, StreamId,
        Version,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(7);

    fn id(number: u64) -> EventId {
        EventId::new(CountingIds::from(number).next_id())
    }

    fn context() -> Context {
        let context = Context::new()
            .with_command_id(CommandId::new(id(1).as_uuid()))
            .in_conversation(CorrelationId::new(id(2).as_uuid()));
        context.by(Actor::new("ann").unwrap())
    }

    /// An event as a repository stores it that does something wrong.
    fn stored(wrong: impl FnOnce(&mut NewEvent)) -> Recorded {
        let name = EventName::new("jar.filled").unwrap();
        let mut event = NewEvent::new(id(3), name, 1, StoredPayload::json(b"null"), NOW);
        event.causation_id = Some(id(1).into());
        event.correlation_id = context().correlation_id;
        event.actor = context().actor;
        wrong(&mut event);
        let stream = StreamId::new("jar", "1").unwrap();
        let position = Position::from_number(1).unwrap();
        Arc::new(RecordedEvent::new(
            event,
            stream,
            Version::FIRST,
            position,
            NOW,
        ))
    }

    #[test]
    fn an_envelope_that_does_not_tell_of_its_command_is_found() {
        let found = |wrong: fn(&mut NewEvent)| unrelated(&[stored(wrong)], &context(), NOW);
        assert_eq!(found(|_| {}), None);
        for (wrong, says) in [
            (
                (|e| e.causation_id = None) as fn(&mut NewEvent),
                "cause none",
            ),
            (
                |e| e.causation_id = Some(id(9).into()),
                "not 00000000-0000-0000-0000-000000000001",
            ),
            (|e| e.correlation_id = None, "correlation id none"),
            (
                |e| e.correlation_id = Some(CorrelationId::new(id(1).as_uuid())),
                "correlation id",
            ),
            (|e| e.id = id(1), "the command's or another event's"),
            (|e| e.occurred_at = Timestamp::EPOCH, "time"),
            (|e| e.actor = None, "another actor"),
        ] {
            let why = found(wrong).expect(says);
            assert!(why.contains(says), "{why}");
        }
    }
}

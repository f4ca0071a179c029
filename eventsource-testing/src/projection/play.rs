//! Plays a scenario: delivers what it tells as it tells it, compares, and makes the checks.

use std::{ops::Range, panic, thread};

use super::{
    ProjectionOutcome,
    check::{Checks, ProjectionCheck},
    checks::{Base, make_all},
    place::{Seen, Stage, Trouble, World},
    report::{Wrong, failure},
    story::Story,
};
use crate::payloads::seen;

/// Plays a scenario, or fails it at the line of its `then`. `expected` is what is to be read.
#[track_caller]
pub(super) fn play(story: &Story, stage: &dyn Stage, expected: &str) -> ProjectionOutcome {
    settled(story, played(story, stage, expected))
}

/// The same where something is waited for: on a thread of its own, since what is waited for on a thread of a runtime may wait
/// for that thread.
#[track_caller]
pub(super) fn play_apart(
    story: &Story,
    stage: &(dyn Stage + Sync),
    expected: &str,
) -> ProjectionOutcome {
    let apart = thread::scope(|scope| {
        let apart = scope.spawn(|| played(story, stage, expected));
        apart.join()
    });
    match apart {
        Ok(played) => settled(story, played),
        Err(panic) => panic::resume_unwind(panic),
    }
}

#[track_caller]
fn settled(story: &Story, played: Result<Checks, String>) -> ProjectionOutcome {
    match played {
        Ok(checks) => {
            for told in &story.events {
                let (stored, payload) = (&told.stored, told.stored.payload.bytes());
                seen(stored.name.as_str(), stored.schema_version, payload);
            }
            let name = story.name;
            ProjectionOutcome { name, checks }
        }
        Err(text) => panic!("{text}"),
    }
}

fn played(story: &Story, stage: &dyn Stage, expected: &str) -> Result<Checks, String> {
    let mut checks = Checks::with(story.settings);
    if story.is_of_others() {
        let wrong = Wrong::of_others(story);
        return Err(failure(story, None, Some(wrong), &checks));
    }
    let world = stage.world(story, story.given());
    let mut world = world.map_err(|why| {
        let wrong = Wrong::unplayable(why);
        failure(story, None, Some(wrong), &checks)
    })?;
    let batches = batches(story, &world);
    let (seen, is_delivered) = base(&batches, &mut world, &mut checks);
    let delivered: Vec<_> = world.events.iter().map(|event| event.id).collect();
    let failed =
        |wrong: Option<Wrong>, checks: &Checks| failure(story, Some(&delivered), wrong, checks);
    if !checks.findings().is_empty() {
        return Err(failed(None, &checks));
    }
    let shown = match &seen {
        Seen::Expected(shown) => shown.clone(),
        Seen::Other(other) => {
            let wrong = Wrong::differs(expected, other);
            return Err(failed(Some(wrong), &checks));
        }
    };
    if is_delivered {
        drop(world);
        let base = Base {
            stage,
            story,
            shown,
            batches,
            count: delivered.len(),
        };
        make_all(&base, &mut checks);
    }
    checks.demand();
    if checks.findings().is_empty() {
        Ok(checks)
    } else {
        Err(failed(None, &checks))
    }
}

/// What was given, and what comes.
fn batches(story: &Story, world: &World<'_>) -> Vec<Range<usize>> {
    let comes: Vec<_> = (story.given()..story.events.len()).map(Story::id).collect();
    let all = world.events.len();
    let first = world
        .events
        .iter()
        .position(|event| comes.contains(&event.id));
    let given = first.unwrap_or(all);
    let batches = [0..given, given..all];
    batches
        .into_iter()
        .filter(|batch| !batch.is_empty())
        .collect()
}

/// Delivers once, and looks. Says whether everything was delivered.
fn base(batches: &[Range<usize>], world: &mut World<'_>, checks: &mut Checks) -> (Seen, bool) {
    const CHECK: ProjectionCheck = ProjectionCheck::Once;
    if !world.events.is_empty() {
        checks.looked(CHECK);
    }
    for batch in batches {
        let Err(trouble) = world.deliver(batch.clone()) else {
            continue;
        };
        if checks.is_on(CHECK) {
            found(trouble, checks);
        } else {
            // What comes before it is delivered, as by a runner that tries it again.
            let before = trouble.event.unwrap_or(batch.start);
            let rest = world.done()..before;
            if !rest.is_empty() {
                drop(world.deliver(rest));
            }
            for check in ProjectionCheck::ALL {
                checks.no_subject(*check, "an event cannot be delivered");
            }
        }
        return (world.player.see(), false);
    }
    (world.player.see(), true)
}

fn found(Trouble { event, why }: Trouble, checks: &mut Checks) {
    let event = event.map_or_else(String::new, |event| {
        format!(": the delivered event {}", event + 1)
    });
    let mut block = crate::scenario::report::Block::from(format!("the delivery fails{event}"));
    block.add_wrong(format!("  {why}"));
    let hint = "let the handler take every event that the aggregate allows; one that it has no use for is no error";
    checks.find(ProjectionCheck::Once, block, hint);
}

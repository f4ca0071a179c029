//! What was there before a reaction.

use super::{Base, Found};
use crate::{
    projection::{
        check::{Checks, ProjectionCheck},
        place::{Kind, Seen},
    },
    scenario::report::Block,
};

const HINT: &str = "do nothing for what is not given to a handler: nothing when the reaction is made, and nothing for \
                    events before the one that came";

/// Starts a reaction when everything has happened already.
pub(super) fn from_now(base: &Base<'_>, checks: &mut Checks) {
    const CHECK: ProjectionCheck = ProjectionCheck::FromNow;
    if !checks.is_on(CHECK) {
        return;
    }
    if base.stage.kind() != Kind::Reaction {
        checks.no_subject(CHECK, "a projection begins with the first event");
        return;
    }
    if base.story.events.is_empty() {
        return;
    }
    checks.looked(CHECK);
    if let Err(found) = started_late(base) {
        checks.find(CHECK, found, HINT);
    }
}

fn started_late(base: &Base<'_>) -> Found {
    let how = "started after everything has happened";
    let all = base.story.events.len();
    let world = base.stage.world(base.story, all);
    let mut world = world.map_err(|why| Block::from(format!("it could not be started: {why}")))?;
    if !world.events.is_empty() {
        return Err(Block::from(format!(
            "{how}, it is given events from before its start"
        )));
    }
    let waiting = world.resume().map_err(|trouble| trouble.why);
    waiting.map_err(|why| Block::from(format!("it could not be started again: {why}")))?;
    let seen = world.player.see();
    let untouched = base.stage.untouched();
    match (untouched.as_ref().and_then(Seen::shown), seen.shown()) {
        (Some(nothing), Some(seen)) if nothing != seen => {
            let mut block = Block::from(format!("{how}, it does something all the same"));
            block.add(format!("  untouched: {nothing}"));
            block.add_wrong(format!("  started:   {seen}"));
            Err(block)
        }
        _ => Ok(()),
    }
}

//! What comes a second time.

use super::{Base, Found, delivered};
use crate::projection::{
    check::{Checks, ProjectionCheck},
    place::{Kind, SameStep},
};
use crate::scenario::report::Block;

/// Each batch comes twice.
pub(super) fn twice(base: &Base<'_>, checks: &mut Checks) -> Found {
    match base.stage.kind() {
        Kind::Memory => {
            let why = "a read model in memory is built anew after a crash";
            checks.no_subject(ProjectionCheck::Twice, why);
            Ok(())
        }
        Kind::Transaction => {
            checks.looked(ProjectionCheck::Twice);
            undone(base)?;
            made_again(base)
        }
        Kind::Outside | Kind::Reaction => {
            checks.looked(ProjectionCheck::Twice);
            after_a_crash(base)
        }
    }
}

/// The process is gone when everything is done, but for the checkpoint.
fn after_a_crash(base: &Base<'_>) -> Found {
    let how = "delivered again after a crash before the checkpoint moved";
    let mut world = base.world()?;
    for batch in &base.batches {
        delivered(how, world.deliver_and_crash(batch.clone()))?;
        delivered(how, world.deliver(batch.clone()))?;
    }
    base.same(how, &world.player.see())
}

/// A transaction is undone, and tried again.
fn undone(base: &Base<'_>) -> Found {
    let how = "delivered again after its transaction was undone";
    let mut world = base.world()?;
    for batch in &base.batches {
        delivered(how, world.deliver_and_undo(batch.clone()))?;
        delivered(how, world.deliver(batch.clone()))?;
    }
    base.same(how, &world.player.see())
}

/// A step that was made comes again, as from a process that does not know of it.
fn made_again(base: &Base<'_>) -> Found {
    let how = "delivered by a second process that has not seen the checkpoint move";
    let mut world = base.world()?;
    for batch in &base.batches {
        match delivered(how, world.deliver_and_repeat(batch.clone()))? {
            SameStep::Refused => {}
            SameStep::Made => {
                let text = format!("{how}, the store takes the same step once more");
                return Err(Block::from(text));
            }
        }
    }
    base.same(how, &world.player.see())
}

//! Another build from the first event on.

use eventsource_core::runner::CommandError;

use super::{Base, Found, delivered};
use crate::{
    projection::{
        block::block_on,
        check::{Checks, ProjectionCheck},
        place::{Kind, Trouble},
    },
    scenario::report::{Block, text::chain},
};

/// Builds the model once more.
pub(super) fn rebuilt(base: &Base<'_>, checks: &mut Checks) -> Found {
    checks.looked(ProjectionCheck::Rebuilt);
    match base.stage.kind() {
        Kind::Memory | Kind::Transaction => {
            let count = base.count;
            let halves = if count < 2 {
                vec![count]
            } else {
                vec![count / 2, count]
            };
            halves.into_iter().try_for_each(|first| beside(base, first))
        }
        Kind::Outside => in_place(base),
        Kind::Reaction => refused(base),
    }
}

/// Beside what is read, which stays as it is until the switch. Both take in what comes.
fn beside(base: &Base<'_>, first: usize) -> Found {
    let how = format!("rebuilt after the delivered event {first}");
    let mut world = base.world()?;
    delivered(&how, world.deliver(0..first))?;
    let before = world.player.see();
    let begun = block_on(world.player.hand().rebuild());
    let begun = begun.map_err(|error| Trouble::from(chain(&error)));
    let mut build = delivered(&how, begun)?;
    delivered(&how, world.deliver_to(&mut build, 0..first))?;
    let meanwhile = world.player.see();
    if let (Some(before), Some(meanwhile)) = (before.shown(), meanwhile.shown())
        && before != meanwhile
    {
        let mut block = Block::from(format!("{how}, what is read changes before the switch"));
        block.add(format!("  before:    {before}"));
        block.add_wrong(format!("  meanwhile: {meanwhile}"));
        return Err(block);
    }
    for event in first..base.count {
        delivered(&how, world.deliver(event..event + 1))?;
        delivered(&how, world.deliver_to(&mut build, event..event + 1))?;
    }
    base.same(&format!("{how}, before the switch"), &world.player.see())?;
    let switched = block_on(world.player.hand().switch_to(build.generation));
    let switched = switched.map_err(|error| Trouble::from(chain(&error)));
    delivered(&how, switched)?;
    base.same(&how, &world.player.see())
}

/// In place of what is there, and on top of what has been done.
fn in_place(base: &Base<'_>) -> Found {
    let how = "reset and delivered from the first event on";
    let mut world = base.world()?;
    for batch in &base.batches {
        delivered(how, world.deliver(batch.clone()))?;
    }
    let reset = block_on(world.player.hand().reset());
    let reset = reset.map_err(|error| Trouble::from(chain(&error)));
    world.build = delivered(how, reset)?;
    delivered(how, world.player.restart().map_err(Trouble::from))?;
    for batch in &base.batches {
        delivered(how, world.deliver(batch.clone()))?;
    }
    base.same(how, &world.player.see())
}

/// What a reaction has done is done.
fn refused(base: &Base<'_>) -> Found {
    let how = "delivered after a rebuild and a reset were asked for";
    let mut world = base.world()?;
    for batch in &base.batches {
        delivered(how, world.deliver(batch.clone()))?;
    }
    let hand = world.player.hand();
    for (what, outcome) in [
        ("rebuild", block_on(hand.rebuild())),
        ("reset", block_on(hand.reset())),
    ] {
        if !matches!(outcome, Err(CommandError::Reaction { .. })) {
            let text = format!("a {what} is not refused, which would do the side effects again");
            return Err(Block::from(text));
        }
    }
    delivered(how, world.resume())?;
    base.same(how, &world.player.see())
}

#[cfg(test)]
mod tests {
    use eventsource_core::{prelude::*, runner};
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::projection::{
        place::{OutsideStage, Seen},
        story::Story,
    };

    #[derive(Serialize, Deserialize, Event)]
    #[event(name = "light.lit")]
    struct Lit;

    #[derive(Default, Aggregate)]
    #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(Lit))]
    struct Light;

    impl Apply<Lit> for Light {
        fn apply(&mut self, _: &Lit) {}
    }

    #[derive(Projection)]
    #[projection(name = "shine", version = 1, from(Light), events(Lit), at_least_once)]
    struct Shine;

    impl ProjectAsync<Lit> for Shine {
        async fn project(&self, _: &Lit, _: &Envelope<'_>) -> Result<(), HandlerError> {
            Ok(())
        }
    }

    /// A reaction is what its type says, so that none of them can be broken in this way: a projection stands for one.
    #[test]
    fn a_reaction_that_can_be_built_again_is_found() {
        let mut story = Story::new("shine", vec!["light.lit"], &Shine::sources());
        story.add::<Light>(&1, Lit.into(), true);
        let stage = OutsideStage {
            kind: Kind::Reaction,
            fake: &|| (),
            ready: &|(), store| runner::Runs::<_, runner::kind::AtLeastOnce>::ready(Shine, store),
            look: &|()| Seen::of(&1, &1),
        };
        let base = Base {
            stage: &stage,
            story: &story,
            shown: None,
            batches: std::iter::once(0..1).collect(),
            count: 1,
        };
        assert!(rebuilt(&base, &mut Checks::default()).is_err());
    }
}

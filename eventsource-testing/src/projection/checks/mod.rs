//! The ways in which the events of a scenario are delivered, beside the one that it tells.

mod from_now;
mod rebuilt;
mod splits;
mod twice;

use std::{collections::BTreeSet, ops::Range};

use super::{
    check::{Checks, ProjectionCheck},
    place::{Kind, Seen, Stage, Trouble, World},
    story::Story,
};
use crate::scenario::report::Block;

/// What the other ways of delivering are held against.
pub(super) struct Base<'a> {
    pub(super) stage: &'a dyn Stage,
    pub(super) story: &'a Story,
    /// What was read after the delivery that the scenario tells, where it can be shown.
    pub(super) shown: Option<String>,
    /// The batches of that delivery.
    pub(super) batches: Vec<Range<usize>>,
    /// How many events are delivered.
    pub(super) count: usize,
}

/// What came of one way of delivering: nothing, where all is well.
type Found = Result<(), Block>;

/// Makes a check, and says what it has found.
type Check = fn(&Base<'_>, &mut Checks) -> Found;

/// The ways of delivering, and what to do where one leads to something else.
const ALL: [(ProjectionCheck, Check, &str); 5] = [
    (
        ProjectionCheck::Repeat,
        repeat,
        "let a handler look at its event, its envelope and the model only: at no clock, no chance, nothing shared, and \
         give on the id that a reaction is given",
    ),
    (
        ProjectionCheck::Twice,
        twice::twice,
        "an event may come again: write by its position or its id, so that the second time changes nothing, and \
         nowhere but in the transaction where there is one",
    ),
    (
        ProjectionCheck::Splits,
        splits::splits,
        "where a batch ends is chance: keep nothing from one event to the next but in the model",
    ),
    (
        ProjectionCheck::Rebuilt,
        rebuilt::rebuilt,
        "a build begins with nothing, beside another one or in place of it: keep nothing that both would share, and let \
         what has come before change nothing",
    ),
    (
        ProjectionCheck::Resumed,
        resumed,
        "a process may end after any event: keep in the model what a later event needs, and nothing in the projection",
    ),
];

/// Makes every check that the base leaves something to look at.
pub(super) fn make_all(base: &Base<'_>, checks: &mut Checks) {
    coverage(base, checks);
    from_now::from_now(base, checks);
    if base.count == 0 {
        return;
    }
    for (check, make, hint) in ALL {
        if !checks.is_on(check) {
            continue;
        }
        if check != ProjectionCheck::Repeat && checks.has_found(ProjectionCheck::Repeat) {
            checks.no_subject(check, "two deliveries in the same way differ");
            continue;
        }
        let is_rebuilt_alike = matches!(base.stage.kind(), Kind::Outside | Kind::Reaction);
        let needs_splits = match check {
            ProjectionCheck::Rebuilt => !is_rebuilt_alike,
            ProjectionCheck::Resumed => true,
            _ => false,
        };
        if needs_splits && checks.has_found(ProjectionCheck::Splits) {
            checks.no_subject(check, "what is read depends on the batches");
            continue;
        }
        if let Err(found) = make(base, checks) {
            checks.looked(check);
            checks.find(check, found, hint);
        }
    }
}

impl Base<'_> {
    /// A world as that of the scenario.
    fn world(&self) -> Result<World<'_>, Block> {
        let before = self.story.given();
        let world = self.stage.world(self.story, before);
        world.map_err(|why| Block::from(format!("it could not be started: {why}")))
    }

    /// What is read is what was read.
    fn same(&self, how: &str, seen: &Seen) -> Found {
        match seen {
            Seen::Expected(_) => Ok(()),
            Seen::Other(other) => Err(self.differs(how, other)),
        }
    }

    fn differs(&self, how: &str, other: &str) -> Block {
        let mut block = Block::from(format!("{how}, something else is read"));
        if let Some(shown) = &self.shown {
            block.add(format!("  as told:     {shown}"));
        }
        block.add_wrong(format!("  in this way: {other}"));
        block
    }
}

/// What was to be delivered in a way, and could not be.
fn delivered<T>(how: &str, outcome: Result<T, Trouble>) -> Result<T, Block> {
    outcome.map_err(|Trouble { event, why }| {
        let event = event.map_or_else(String::new, |event| {
            format!(" at the delivered event {}", event + 1)
        });
        let mut block = Block::from(format!("{how}, the delivery fails{event}"));
        block.add_wrong(format!("  {why}"));
        block
    })
}

/// Names what is listed and not delivered.
fn coverage(base: &Base<'_>, checks: &mut Checks) {
    let story = base.story;
    let told = match base.stage.kind() {
        // What was there before its first start does not come.
        Kind::Reaction => &story.events[story.given()..],
        _ => &story.events,
    };
    let told: BTreeSet<&str> = told
        .iter()
        .flat_map(|told| told.today.iter().copied())
        .collect();
    let listed: BTreeSet<&str> = story.listed.iter().copied().collect();
    if told.is_disjoint(&listed) {
        return;
    }
    checks.looked(ProjectionCheck::Coverage);
    let missing: Vec<_> = listed
        .difference(&told)
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        let why = format!("it lists {}, of which none came", missing.join(", "));
        checks.limit(ProjectionCheck::Coverage, why);
    }
}

/// The same in another world.
fn repeat(base: &Base<'_>, checks: &mut Checks) -> Found {
    let how = "delivered once more from scratch";
    let mut world = base.world()?;
    for batch in &base.batches {
        delivered(how, world.deliver(batch.clone()))?;
    }
    checks.looked(ProjectionCheck::Repeat);
    base.same(how, &world.player.see())
}

/// Stopped after some event, and after each.
fn resumed(base: &Base<'_>, checks: &mut Checks) -> Found {
    let count = base.count;
    if count < 2 {
        let why = "no event is behind the first one";
        checks.no_subject(ProjectionCheck::Resumed, why);
        return Ok(());
    }
    checks.looked(ProjectionCheck::Resumed);
    let once = (1..count).map(|stop| {
        (
            format!("resumed after the delivered event {stop}"),
            vec![stop],
        )
    });
    let always = ("resumed after each event".to_owned(), (1..count).collect());
    for (how, stops) in once.chain([always]) {
        let mut world = base.world()?;
        for stop in stops {
            delivered(&how, deliver_to(&mut world, stop))?;
            delivered(&how, world.resume())?;
        }
        delivered(&how, deliver_to(&mut world, count))?;
        base.same(&how, &world.player.see())?;
    }
    Ok(())
}

/// Delivers what is behind the checkpoint, up to there.
fn deliver_to(world: &mut World<'_>, end: usize) -> Result<(), Trouble> {
    let done = world.done();
    if done < end {
        world.deliver(done..end)?;
    }
    Ok(())
}

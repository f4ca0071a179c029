//! What a command or an event has caused, and what that has caused in turn.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use crate::{
    id::CausationId,
    record::Recorded,
    store::{EventStore, Read, ReadError},
};

/// How many causes are asked for in one read: as many as stores follow by an index.
const AT_ONCE: usize = 16;

/// Everything that a command or an event has caused, directly or by what it has caused: events whose envelopes name one
/// cause each, so that they form a tree below the root. The root itself is not in it, unless it is said to come of itself.
///
/// Each event is in it once, also where causes go in a circle: who caused what is what writers say, and a writer may say
/// that an event has caused itself. Of an event that was [trimmed](crate::TrimStore) nothing is known, and so nothing of
/// what it has caused either, unless that is asked for by its id.
///
/// Its text shows who caused what, by stored names, streams and versions, without payloads:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use eventsource_core::{CommandId, EventStoreExt, Read, Repository, prelude::*};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Serialize, Deserialize, Event)] #[event(name = "light.on")] struct On;
/// # #[derive(Debug, Default, Aggregate)]
/// # #[aggregate(name = "light", id = u64, error = std::convert::Infallible, events(On))]
/// # struct Light;
/// # impl Apply<On> for Light { fn apply(&mut self, _: &On) {} }
/// # struct Switch;
/// # impl Handle<Switch> for Light { fn handle(&self, _: &Switch) -> Decision<Self> { Ok(On.into()) } }
/// let lights = Repository::<Light>::new(MemoryStore::new());
/// let command: CommandId = "00000000-0000-0000-0000-000000000007".parse()?;
/// lights.within(Context::new().with_command_id(command)).execute(&1, Switch).await?;
/// let first = lights.store().last(Read::all()).await?.expect("an event");
/// lights.within(Context::new().caused_by(&first)).execute(&2, Switch).await?;
///
/// let tree = lights.store().causation_tree(command).await?;
/// assert_eq!(
///     tree.to_string(),
///     "00000000-0000-0000-0000-000000000007\n  light.on light-1 1\n    light.on light-2 1\n"
/// );
/// let depths: Vec<_> = tree.iter().map(|caused| caused.depth).collect();
/// assert_eq!(depths, [1, 2]);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct CausationTree {
    root: CausationId,
    /// In the order of positions.
    events: Vec<Caused>,
    is_cut: bool,
}

/// An event in a [`CausationTree`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Caused {
    /// The event.
    pub event: Recorded,
    /// How many steps of cause and effect lie between the root and it; 1 for what the root caused itself.
    pub depth: usize,
}

impl CausationTree {
    /// The command or event whose consequences these are.
    pub const fn root(&self) -> CausationId {
        self.root
    }

    /// The events, in the order of their positions.
    pub fn iter(&self) -> std::slice::Iter<'_, Caused> {
        self.events.iter()
    }

    /// What a command or an event has caused itself, in the order of positions: the root, or one of the events by its id.
    pub fn caused_by(&self, cause: impl Into<CausationId>) -> impl Iterator<Item = &Caused> {
        let cause = Some(cause.into());
        self.iter()
            .filter(move |caused| caused.event.causation_id == cause)
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was caused.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The greatest depth of an event; 0 where there is none.
    pub fn depth(&self) -> usize {
        self.iter().map(|caused| caused.depth).max().unwrap_or(0)
    }

    /// Whether events are missing, since only so many were asked for.
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Each event after its cause, so that it can be drawn as a tree. It holds no stack: a chain may be long.
    fn outline(&self) -> Vec<&Caused> {
        let mut effects: HashMap<Option<CausationId>, Vec<&Caused>> = HashMap::new();
        for caused in self.iter().rev() {
            effects
                .entry(caused.event.causation_id)
                .or_default()
                .push(caused);
        }
        let mut next = effects.remove(&Some(self.root)).unwrap_or_default();
        let mut outline = Vec::with_capacity(self.len());
        while let Some(caused) = next.pop() {
            outline.push(caused);
            // What is taken out is not found again, so that a circle ends.
            let id = Some(caused.event.id.into());
            next.extend(effects.remove(&id).unwrap_or_default());
        }
        outline
    }
}

impl<'a> IntoIterator for &'a CausationTree {
    type Item = &'a Caused;
    type IntoIter = std::slice::Iter<'a, Caused>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for CausationTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.root)?;
        for Caused { event, depth } in self.outline() {
            // Beyond this a line has no room for more than its place.
            for _ in 0..(*depth).min(40) {
                f.write_str("  ")?;
            }
            if *depth > 40 {
                write!(f, "({depth}) ")?;
            }
            writeln!(f, "{} {} {}", event.name, event.stream, event.version)?;
        }
        if self.is_cut {
            writeln!(f, "  ... and more than these {} events", self.len())?;
        }
        Ok(())
    }
}

/// As its text.
impl fmt::Debug for CausationTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Level by level, up to the present end of the store.
pub(super) async fn read<S: EventStore + ?Sized>(
    store: &S,
    root: CausationId,
    most: usize,
) -> Result<CausationTree, ReadError> {
    let mut tree = CausationTree {
        root,
        events: Vec::new(),
        is_cut: false,
    };
    let Some(head) = store.head().await? else {
        return Ok(tree);
    };
    // No cause is asked for twice, and so no event comes twice.
    let mut asked = HashSet::from([root]);
    let mut level = vec![root];
    let mut depth = 0;
    while !level.is_empty() && !tree.is_cut {
        depth += 1;
        let mut below = Vec::new();
        for causes in level.chunks(AT_ONCE) {
            let read = Read::all()
                .caused_by(causes.iter().copied())
                .to_position(head);
            let mut events = store.read(read);
            while let Some(event) = events.next().await? {
                if tree.len() == most {
                    tree.is_cut = true;
                    break;
                }
                let id = event.id.into();
                if asked.insert(id) {
                    below.push(id);
                }
                tree.events.push(Caused { event, depth });
            }
            if tree.is_cut {
                break;
            }
        }
        level = below;
    }
    tree.events.sort_by_key(|caused| caused.event.position);
    Ok(tree)
}

//! What a case needs of a store or of its fixture.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use eventsource_core::{Append, Capability, Expected, Read, fault::FaultAction};

use super::{
    bench::{Bench, Open},
    fixture::Setup,
    hooks::Script,
    kit,
};

/// What a case needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// Something that the store declares. Without it, the case tests the refusal.
    Capability(Capability),
    /// Something that the fixture offers. Without it, the case tests nothing, and says so.
    Hook(Hook),
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(capability) => capability.fmt(f),
            Self::Hook(hook) => hook.fmt(f),
        }
    }
}

/// A way into a store that the suite cannot make by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hook {
    /// The store asks at points of an append whether it is to fail there, as
    /// [`Fixture::has_faults`](super::Fixture::has_faults) says.
    Faults,
    /// The engine tells how it would answer a read: [`Fixture::wasteful_steps`](super::Fixture::wasteful_steps).
    Plans,
    /// A place can be copied: [`Fixture::copy`](super::Fixture::copy).
    Copies,
}

impl Hook {
    /// Every hook.
    pub const ALL: &'static [Self] = &[Self::Faults, Self::Plans, Self::Copies];

    /// Whether the places of a bench have it.
    ///
    /// # Panics
    ///
    /// When the fixture says that its stores do not ask at fault points, and they do: what can be tested is tested.
    pub(crate) async fn is_offered(self, bench: &Bench) -> bool {
        match self {
            Self::Faults => {
                let asked = Arc::new(AtomicBool::new(false));
                let tell = Arc::clone(&asked);
                let script = Script::new(move |_| {
                    tell.store(true, Ordering::SeqCst);
                    FaultAction::GoOn
                });
                let store = bench
                    .store_with(Setup::default().with_faults(Arc::new(script)))
                    .await;
                if store.place.has_faults() {
                    return true;
                }
                put_one(&store).await;
                assert!(
                    !asked.load(Ordering::SeqCst),
                    "the fixture says that its stores do not ask at fault points, but they do"
                );
                false
            }
            Self::Plans => {
                let store = bench.store().await;
                put_one(&store).await;
                let steps = store.place.wasteful_steps(&Read::all()).await;
                steps.is_some()
            }
            Self::Copies => {
                let store = bench.store().await;
                store.place.copy().await.is_some()
            }
        }
    }
}

async fn put_one(store: &Open) {
    let append = Append::to(kit::stream("1"), Expected::Any, kit::events(0..1));
    // Whether it succeeds, other cases ask.
    drop(store.append(append).await);
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Faults => "points at which an append can be made to fail",
            Self::Plans => "the engine's plan for a read",
            Self::Copies => "a copy of a place, as a backup makes it",
        })
    }
}

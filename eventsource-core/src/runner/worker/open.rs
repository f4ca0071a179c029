//! What is kept of a projection, and how to go on from there.

use std::sync::Arc;

use super::{Halt, Worker, track::Track};
use crate::{
    projection::Definition,
    runner::{ProjectionKind, StopReason, shared::Standing, signal},
    store::{
        Build, Fence, Filter, Generation, ProjectionStoreError, Scope, Start, StoredGeneration,
        StoredProjection, Subscribe, Subscription,
    },
};

/// The builds of a projection that its worker moves.
pub(super) struct Opened {
    /// What is read, where it is of this version.
    pub(super) live: Option<StoredGeneration>,
    /// What is to be read, once it has caught up.
    pub(super) next: Option<StoredGeneration>,
    /// What is read, where it is of an earlier version, and does not move.
    pub(super) stale: Option<StoredGeneration>,
}

impl Worker {
    /// Looks at what is kept, and begins what has to be begun.
    pub(super) async fn open(&self, fence: Option<&Fence>) -> Result<Opened, Halt> {
        let keeper = self.target.keeper();
        let definition = self.target.definition();
        let found = keeper.find_projection(definition.name()).await?;
        let Some(stored) = found else {
            return self.begin_first(None, fence).await;
        };
        let Some(live) = stored.live().cloned() else {
            return self.begin_first(Some(&stored), fence).await;
        };
        let code = definition.version();
        if live.version > code {
            let (stored, code) = (live.version, code);
            return Err(Halt::Stop(StopReason::Superseded { stored, code }));
        }
        if live.version < code {
            let next = if let Some(next) = self.leftover(&stored, &live, fence).await? {
                next
            } else {
                self.look_for_trims(None).await?;
                self.begin_beside(fence).await?
            };
            return Ok(Opened {
                live: None,
                next: Some(next),
                stale: Some(live),
            });
        }
        let is_redefined = live.fingerprint != definition.fingerprint();
        // What a reaction has done is done; what it lists from now on, it takes from now on.
        if is_redefined && self.target.kind() != ProjectionKind::Reaction {
            let version = code;
            return Err(Halt::Stop(StopReason::Redefined { version }));
        }
        if self.target.is_torn(live.generation) {
            return self.begin_first(Some(&stored), fence).await;
        }
        let mut next = self.leftover(&stored, &live, fence).await?;
        if let Some(build) = &next
            && let Some(stream) = self.missing(build.checkpoint).await?
        {
            self.end_without(build.generation, stream, fence).await?;
            next = None;
        }
        Ok(Opened {
            live: Some(live),
            next,
            stale: None,
        })
    }

    /// A build that was begun and not finished: one that this code can go on with. What nobody will go on with is let go of.
    async fn leftover(
        &self,
        stored: &StoredProjection,
        live: &StoredGeneration,
        fence: Option<&Fence>,
    ) -> Result<Option<StoredGeneration>, Halt> {
        let definition = self.target.definition();
        let what = (definition.version(), definition.fingerprint());
        // Where nothing can be built beside what is read, two that move would both deliver to the one place that there is.
        let may_move = live.version < definition.version() || self.no_rebuild().is_none();
        let can_go_on = |other: &&StoredGeneration| {
            may_move
                && other.generation != live.generation
                && (other.version, other.fingerprint) == what
                && !self.target.is_torn(other.generation)
        };
        let next = stored.generations.iter().find(can_go_on);
        let keeps = [Some(live), next].map(|kept| kept.map(|kept| kept.generation));
        self.let_go(stored, &keeps, fence).await?;
        Ok(next.cloned())
    }

    /// Lets go of all builds but some. Those of newer code are that code's.
    async fn let_go(
        &self,
        stored: &StoredProjection,
        but: &[Option<Generation>],
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        for other in &stored.generations {
            let is_newer = other.version > self.target.definition().version();
            if !is_newer && !but.contains(&Some(other.generation)) {
                self.drop_build(other.generation, fence).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn drop_build(
        &self,
        generation: Generation,
        fence: Option<&Fence>,
    ) -> Result<(), ProjectionStoreError> {
        let (keeper, name) = (self.target.keeper(), self.target.definition().name());
        keeper.drop_generation(name, generation, fence).await?;
        self.target.dropped(generation);
        signal::dropped(&self.shared, generation);
        Ok(())
    }

    /// Begins a build that is read from the start, in place of what was read before.
    async fn begin_first(
        &self,
        stored: Option<&StoredProjection>,
        fence: Option<&Fence>,
    ) -> Result<Opened, Halt> {
        let begun = if self.target.kind() == ProjectionKind::Reaction {
            // What happened before it was there is none of its concern.
            let head = self.store.head().await?;
            let build = self.build(fence).live().after(head);
            self.begin(build).await?
        } else {
            // Before anything is let go of.
            self.look_for_trims(None).await?;
            self.begin_live(stored, fence).await?
        };
        Ok(Opened {
            live: Some(begun),
            next: None,
            stale: None,
        })
    }

    /// The same from the first event of the store on, and in place of every other build: one that is under way would be
    /// switched to when it has come further, as if nothing had begun again.
    pub(super) async fn begin_live(
        &self,
        stored: Option<&StoredProjection>,
        fence: Option<&Fence>,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        if let Some(stored) = stored {
            self.let_go(stored, &[stored.live], fence).await?;
        }
        self.begin(self.build(fence).live()).await
    }

    /// Begins a build beside what is read.
    pub(super) async fn begin_beside(
        &self,
        fence: Option<&Fence>,
    ) -> Result<StoredGeneration, ProjectionStoreError> {
        self.begin(self.build(fence)).await
    }

    fn build(&self, fence: Option<&Fence>) -> Build {
        let definition = self.target.definition();
        let what = (definition.version(), definition.fingerprint());
        Build::new(definition.name().clone(), what)
            .with_tables(definition.tables())
            .fenced(fence.cloned())
    }

    async fn begin(&self, build: Build) -> Result<StoredGeneration, ProjectionStoreError> {
        let is_live = build.live;
        let before = is_live.then(|| self.unsay_standing());
        let begun = match self.target.keeper().begin_generation(build).await {
            Ok(begun) => begun,
            Err(error) => {
                if let Some(before) = before
                    && !matches!(error, ProjectionStoreError::Unknown(_))
                {
                    self.shared.publish(|board| board.live = before);
                }
                return Err(error);
            }
        };
        self.target.begun(begun.generation);
        if is_live {
            self.shared.publish(|board| {
                board.live = Some(Standing::of(&begun));
                signal::stands(&self.shared, board);
            });
            self.target.switched(begun.generation);
        }
        signal::begun(&self.shared, begun.generation, begun.checkpoint);
        Ok(begun)
    }

    /// From here on what is read may be begun again at any moment, so nobody must be told any more that it has passed
    /// something.
    fn unsay_standing(&self) -> Option<Standing> {
        self.shared.publish(|board| board.live.take())
    }

    /// Follows the store from the checkpoint of a build on.
    pub(super) async fn track(&self, stored: &StoredGeneration) -> Result<Track, Halt> {
        self.look_for_trims(stored.checkpoint).await?;
        let definition = self.target.definition();
        let keeper = self.target.keeper();
        let streams = if stored.parked == 0 {
            Vec::new()
        } else {
            keeper
                .parked_streams(definition.name(), stored.generation)
                .await?
        };
        let start = stored.checkpoint.map_or(Start::Beginning, Start::After);
        let subscribe = wanted(definition, start).map_err(|error| {
            Halt::Stop(StopReason::Kept(Arc::new(ProjectionStoreError::Corrupt {
                projection: definition.name().clone(),
                reason: error.to_string(),
            })))
        })?;
        let subscription = Subscription::begin(Arc::clone(&self.store), subscribe).await?;
        Ok(Track::new(
            stored,
            subscription,
            streams.into_iter().collect(),
        ))
    }
}

/// What a projection follows: its categories, but for the names that it knows and does not list.
fn wanted(definition: &Definition, start: Start) -> Result<Subscribe, crate::text::TextError> {
    let mut subscribe = Subscribe::new(Scope::Categories(definition.categories()?), start);
    subscribe.filter = Filter {
        except: definition.unwanted(),
        ..Filter::default()
    };
    Ok(subscribe)
}

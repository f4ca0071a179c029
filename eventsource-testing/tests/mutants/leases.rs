//! Defects of leases and of fences.

use std::time::Duration;

use eventsource_core::{
    Advance, Build, Capabilities, Capability, EventStore, Fence, Generation, Lease, LeaseError,
    LeaseHolder, LeaseName, MemoryStore, ProjectionName, ProjectionStoreError, StoredGeneration,
    async_trait,
};

use crate::kept::{KeptDefect, LeaseOutcome, Outcome, gives, keeps};

/// Defects that only differ in how they give a lease.
macro_rules! acquires {
    ($($name:ident |$good:ident, $of:ident, $time:ident| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn acquire(
                &self,
                $good: &MemoryStore,
                $of: (&LeaseName, &LeaseHolder),
                $time: Duration,
            ) -> LeaseOutcome<Lease> $body
        }
    )*};
}

/// Defects that only differ in how they renew a lease.
macro_rules! renews {
    ($($name:ident |$good:ident, $lease:ident, $time:ident| $body:block)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn renew(
                &self,
                $good: &MemoryStore,
                $lease: &Lease,
                $time: Duration,
            ) -> LeaseOutcome<Lease> $body
        }
    )*};
}

/// Takes a lease away from whoever has it.
async fn take_away(
    good: &MemoryStore,
    (name, holder): (&LeaseName, &LeaseHolder),
    time: Duration,
) -> LeaseOutcome<Lease> {
    if let Some(lease) = gives(good).find_lease(name).await? {
        gives(good).release_lease(&lease).await?;
    }
    gives(good).acquire_lease(name, holder, time).await
}

acquires! {
    GivesALeaseThatIsHeld |good, of, time| {
        match gives(good).acquire_lease(of.0, of.1, time).await {
            Err(LeaseError::Held { .. }) => take_away(good, of, time).await,
            outcome => outcome,
        }
    }
    WaitsForALeaseToBeGivenBack |good, of, time| {
        match gives(good).find_lease(of.0).await? {
            Some(lease) if lease.holder != *of.1 => Err(LeaseError::Held { lease }),
            _ => gives(good).acquire_lease(of.0, of.1, time).await,
        }
    }
    RefusesWhoHasIt |good, of, time| {
        match gives(good).find_lease(of.0).await? {
            Some(lease) => match gives(good).acquire_lease(of.0, of.1, time).await {
                Ok(again) if again.token == lease.token => Err(LeaseError::Held { lease }),
                outcome => outcome,
            },
            None => gives(good).acquire_lease(of.0, of.1, time).await,
        }
    }
    KeepsTheTokenOfWhoComesBack |good, of, time| {
        match gives(good).find_lease(of.0).await? {
            Some(lease) if lease.holder == *of.1 => gives(good).renew_lease(&lease, time).await,
            _ => gives(good).acquire_lease(of.0, of.1, time).await,
        }
    }
    CutsLongLeases |good, of, time| {
        gives(good).acquire_lease(of.0, of.1, time.min(Duration::from_secs(5))).await
    }
    LooksThenTakes |good, of, time| {
        let held = gives(good).find_lease(of.0).await?;
        tokio::task::yield_now().await;
        match held {
            None => take_away(good, of, time).await,
            Some(_) => gives(good).acquire_lease(of.0, of.1, time).await,
        }
    }
    TakesOverInTwoSteps |good, of, time| {
        match gives(good).find_lease(of.0).await? {
            Some(lease) if lease.holder != *of.1 => {
                if let Err(held @ LeaseError::Held { .. }) =
                    gives(good).acquire_lease(of.0, of.1, time).await
                {
                    return Err(held);
                }
                take_away(good, of, Duration::ZERO).await?;
                tokio::task::yield_now().await;
                take_away(good, of, time).await
            }
            _ => gives(good).acquire_lease(of.0, of.1, time).await,
        }
    }
    TakesThoughItSaysThatItDidNot |good, of, time| {
        let outcome = gives(good).acquire_lease(of.0, of.1, time).await;
        if let Err(LeaseError::Unavailable { .. }) = outcome {
            drop(gives(good).acquire_lease(of.0, of.1, time).await);
        }
        outcome
    }
    SaysUnavailableForALostLease |good, of, time| {
        let outcome = gives(good).acquire_lease(of.0, of.1, time).await;
        outcome.map_err(|error| match error {
            LeaseError::Unknown(source) => LeaseError::Unavailable { source },
            other => other,
        })
    }
}

renews! {
    RenewsWhatIsLost |good, lease, time| {
        match gives(good).renew_lease(lease, time).await {
            Err(LeaseError::Lost { .. }) => Ok(lease.clone()),
            outcome => outcome,
        }
    }
    ChangesTheTokenOfWhatItRenews |good, lease, time| {
        gives(good).renew_lease(lease, time).await?;
        take_away(good, (&lease.name, &lease.holder), time).await
    }
    EndsLongLeasesEarly |good, lease, time| {
        gives(good).renew_lease(lease, time.min(Duration::from_secs(1 << 32))).await
    }
}

/// Gives back whatever is held.
#[derive(Debug, Default)]
pub(crate) struct GivesBackWhatOthersHave;

#[async_trait]
impl KeptDefect for GivesBackWhatOthersHave {
    async fn release(&self, good: &MemoryStore, lease: &Lease) -> LeaseOutcome<()> {
        match gives(good).find_lease(&lease.name).await? {
            Some(held) => gives(good).release_lease(&held).await,
            None => Ok(()),
        }
    }
}

/// Leaves a lease to run out.
#[derive(Debug, Default)]
pub(crate) struct OnlySaysThatItGivesBack;

#[async_trait]
impl KeptDefect for OnlySaysThatItGivesBack {
    async fn release(&self, _: &MemoryStore, _: &Lease) -> LeaseOutcome<()> {
        Ok(())
    }
}

/// Takes the names of leases in small letters.
#[derive(Debug, Default)]
pub(crate) struct FoldsTheNamesOfLeases;

impl KeptDefect for FoldsTheNamesOfLeases {
    fn held_as(&self, lease: &LeaseName) -> LeaseName {
        let name = LeaseName::new(lease.as_str().to_lowercase());
        name.unwrap_or_else(|_| lease.clone())
    }
}

/// Declares leases and has none.
#[derive(Debug, Default)]
pub(crate) struct DeclaresLeasesWithoutThem;

impl KeptDefect for DeclaresLeasesWithoutThem {
    fn has_leases(&self) -> bool {
        false
    }
}

/// Has leases and does not declare them.
#[derive(Debug, Default)]
pub(crate) struct HasLeasesUndeclared;

impl KeptDefect for HasLeasesUndeclared {
    fn capabilities(&self, good: &MemoryStore) -> Capabilities {
        good.capabilities().without(Capability::Leases)
    }
}

/// Defects that only differ in the change whose fence they forget.
macro_rules! forgets {
    ($($name:ident $begin:literal $advance:literal $switch:literal $let_go:literal $delete:literal)*) => {$(
        #[derive(Debug, Default)]
        pub(crate) struct $name;

        #[async_trait]
        impl KeptDefect for $name {
            async fn begin(&self, good: &MemoryStore, mut build: Build) -> Outcome<StoredGeneration> {
                build.fence = build.fence.filter(|_| !$begin);
                keeps(good).begin_generation(build).await
            }

            async fn advance(&self, good: &MemoryStore, mut step: Advance) -> Outcome<()> {
                step.fence = step.fence.filter(|_| !$advance);
                keeps(good).advance(step).await
            }

            async fn switch(
                &self,
                good: &MemoryStore,
                of: (&ProjectionName, Generation),
                fence: Option<&Fence>,
            ) -> Outcome<()> {
                keeps(good).switch_to(of.0, of.1, fence.filter(|_| !$switch)).await
            }

            async fn let_go(
                &self,
                good: &MemoryStore,
                of: (&ProjectionName, Generation),
                fence: Option<&Fence>,
            ) -> Outcome<()> {
                keeps(good).drop_generation(of.0, of.1, fence.filter(|_| !$let_go)).await
            }

            async fn delete(
                &self,
                good: &MemoryStore,
                of: &ProjectionName,
                fence: Option<&Fence>,
            ) -> Outcome<()> {
                keeps(good).delete_projection(of, fence.filter(|_| !$delete)).await
            }
        }
    )*};
}

forgets! {
    ForgetsTheFenceOfABuild true false false false false
    ForgetsTheFenceOfAStep false true false false false
    ForgetsTheFenceOfASwitch false false true false false
    ForgetsTheFenceOfADrop false false false true false
    ForgetsTheFenceOfADeletion false false false false true
}

/// Asks whether somebody has the lease, and not who.
#[derive(Debug, Default)]
pub(crate) struct TakesAnyTokenForTheOne;

#[async_trait]
impl KeptDefect for TakesAnyTokenForTheOne {
    async fn begin(&self, good: &MemoryStore, mut build: Build) -> Outcome<StoredGeneration> {
        if let Some(fence) = &mut build.fence
            && let Ok(Some(held)) = gives(good).find_lease(&fence.lease).await
        {
            fence.token = held.token;
        }
        keeps(good).begin_generation(build).await
    }
}

/// Refuses only what is done under a token that is lower than the present one.
#[derive(Debug, Default)]
pub(crate) struct TakesWhatWasGivenBackForHeld;

#[async_trait]
impl KeptDefect for TakesWhatWasGivenBackForHeld {
    async fn begin(&self, good: &MemoryStore, mut build: Build) -> Outcome<StoredGeneration> {
        if let Some(fence) = &build.fence
            && let Ok(None) = gives(good).find_lease(&fence.lease).await
            && fence.token.number() > 1
        {
            build.fence = None;
        }
        keeps(good).begin_generation(build).await
    }
}

/// Looks where the checkpoint is before it looks at the fence.
#[derive(Debug, Default)]
pub(crate) struct LooksAtTheFenceLast;

#[async_trait]
impl KeptDefect for LooksAtTheFenceLast {
    async fn advance(&self, good: &MemoryStore, step: Advance) -> Outcome<()> {
        let found = keeps(good).find_projection(&step.projection).await?;
        let build = found
            .as_ref()
            .and_then(|found| found.generation(step.generation));
        match build {
            Some(build) if build.checkpoint != step.from => Err(ProjectionStoreError::Moved {
                projection: step.projection,
                generation: step.generation,
                expected: step.from,
                actual: build.checkpoint,
            }),
            _ => keeps(good).advance(step).await,
        }
    }
}

/// Looks at the fence, and then takes the step.
#[derive(Debug, Default)]
pub(crate) struct LooksAtTheFenceFirst;

#[async_trait]
impl KeptDefect for LooksAtTheFenceFirst {
    async fn advance(&self, good: &MemoryStore, mut step: Advance) -> Outcome<()> {
        if let Some(fence) = step.fence.take() {
            let held = gives(good).find_lease(&fence.lease).await;
            let current = held.ok().flatten().map(|lease| lease.token);
            if current != Some(fence.token) {
                let projection = &step.projection;
                return Err(ProjectionStoreError::fenced(projection, &fence, current));
            }
        }
        keeps(good).advance(step).await
    }
}

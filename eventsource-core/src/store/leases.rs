//! Who does a work that only one may do.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::{
    store::EngineError,
    text::{LeaseHolder, LeaseName},
    time::Timestamp,
};

/// A number that rises each time a lease is taken anew, for ever, also after it was given back. What was to be done under a
/// lower one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FencingToken(u64);

impl FencingToken {
    /// For stores: the token of this number.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The lease without which a change is refused.
///
/// It is looked at in the same step as the change is made. How late it is by any clock does not matter: what counts is
/// whether somebody else has taken the lease since.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fence {
    /// The lease.
    pub lease: LeaseName,
    /// The token under which it is held.
    pub token: FencingToken,
}

impl Fence {
    /// The lease under this token.
    pub const fn new(lease: LeaseName, token: FencingToken) -> Self {
        Self { lease, token }
    }
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// What is held.
    pub name: LeaseName,
    /// By whom.
    pub holder: LeaseHolder,
    /// Under which token.
    pub token: FencingToken,
    /// When it runs out, by the store's clock, unless it is renewed.
    pub until: Timestamp,
}

impl Lease {
    /// For stores: a lease as it is kept.
    pub const fn new(
        name: LeaseName,
        holder: LeaseHolder,
        token: FencingToken,
        until: Timestamp,
    ) -> Self {
        Self {
            name,
            holder,
            token,
            until,
        }
    }

    /// What changes made under it are to be fenced by.
    pub fn fence(&self) -> Fence {
        Fence::new(self.name.clone(), self.token)
    }
}

/// A lease could not be had, renewed or given back; nothing has changed, unless it says that nobody knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// Another one holds it.
    #[error("the lease `{}` is held by `{}` until {}", .lease.name, .lease.holder, .lease.until)]
    Held {
        /// How it is held.
        lease: Lease,
    },
    /// It was lost: another one has taken it since, or it was given back.
    #[error("the lease `{name}` is no longer held under token {token}")]
    Lost {
        /// The lease.
        name: LeaseName,
        /// Under which token it was held.
        token: FencingToken,
    },
    /// Nobody can say whether it was done, as when an answer is lost. Doing it again does no harm.
    #[error("the lease may or may not have been taken: ask again")]
    Unknown(#[source] EngineError),
    /// The store cannot do it now; it may later.
    #[error("the store cannot give leases now")]
    Unavailable {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
    /// The store cannot do it until somebody mends it.
    #[error("the store failed to give a lease")]
    Engine {
        /// What the engine said.
        #[source]
        source: EngineError,
    },
}

impl LeaseError {
    /// Whether it may succeed later without anybody doing something about it. A lease that another one holds comes when it
    /// comes, and is none of these.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Unavailable { .. })
    }
}

/// The part of a store that gives leases, given by [`EventStore::leases`](crate::EventStore::leases).
///
/// A lease lasts for a time and is renewed by its holder; where that does not happen, another one may take it. Clocks and
/// pauses being what they are, two may believe for a while that they hold it: the [`Fence`] refuses what the earlier one
/// does. All times are by the store's clock; a lease has run out when its [`until`](Lease::until) is reached.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::{sync::Arc, time::Duration};
///
/// use eventsource_core::{
///     EventStore, LeaseError, LeaseHolder, LeaseName, ManualClock, MemoryStore, Timestamp,
/// };
///
/// let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
/// let store = MemoryStore::with_clock(clock.clone());
/// let leases = store.leases().expect("this store declares `Capability::Leases`");
/// let (name, time) = (LeaseName::new("projection balances")?, Duration::from_secs(10));
/// let (one, other) = (LeaseHolder::new("process 1")?, LeaseHolder::new("process 2")?);
///
/// let held = leases.acquire_lease(&name, &one, time).await?;
/// let refused = leases.acquire_lease(&name, &other, time).await;
/// assert!(matches!(refused, Err(LeaseError::Held { lease }) if lease == held));
///
/// // The first one is too slow to renew it.
/// clock.advance_micros(10_000_000);
/// let taken = leases.acquire_lease(&name, &other, time).await?;
/// assert!(taken.token > held.token);
/// assert!(matches!(leases.renew_lease(&held, time).await, Err(LeaseError::Lost { .. })));
/// # Ok(()) }
/// ```
#[async_trait]
pub trait LeaseStore: fmt::Debug + Send + Sync + 'static {
    /// Takes a lease for `time`: one that was never taken, was given back or has run out, under a token that is higher than
    /// any it ever had; one that this holder has and that has not run out, under its present token, as
    /// [`renew_lease`](Self::renew_lease) does. One that has run out gets another token also from who had it: who comes back
    /// after a crash must not pass for who he was.
    ///
    /// A `time` that ends beyond the last [`Timestamp`] ends there. A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Held`] when another one has it; others when the store fails.
    async fn acquire_lease(
        &self,
        name: &LeaseName,
        holder: &LeaseHolder,
        time: Duration,
    ) -> Result<Lease, LeaseError>;

    /// Holds a lease for `time` from now on, under its token. One that has run out, but that nobody has taken since, is held
    /// again.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`LeaseError::Lost`] when somebody has taken it or it was given back; others when the store fails.
    async fn renew_lease(&self, lease: &Lease, time: Duration) -> Result<Lease, LeaseError>;

    /// Gives a lease back, so that another one need not wait. One that is lost already is left as it is.
    ///
    /// A dropped future has done all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`LeaseError`] when the store fails.
    async fn release_lease(&self, lease: &Lease) -> Result<(), LeaseError>;

    /// Who holds a lease; `None` where it was given back or never taken. One that has run out is shown until another one
    /// takes it.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// [`LeaseError`] when the store cannot be read.
    async fn find_lease(&self, name: &LeaseName) -> Result<Option<Lease>, LeaseError>;
}

//! What a runner runs: which kind of projection on which store.

use std::{fmt, sync::Arc};

use crate::{
    projection::{Definition, Handles, HandlesAsync, HandlesIn, Reacts},
    runner::{
        InMemory, StartError,
        target::{AtLeastOnce, InTransaction, OfMemory, OfReaction, Outside, Target},
    },
    store::{EventStore, TransactionalStore, Unsupported},
    text::ProjectionName,
};

/// What a [`Runner`](crate::Runner) on a store of type `S` can run. `Kind` is found by the compiler.
///
/// | what | on which store |
/// |---|---|
/// | [`InMemory`] | any |
/// | a projection with `transaction = T` | a [`TransactionalStore`] whose transaction is `T` |
/// | a projection with `at_least_once` | any that keeps checkpoints |
/// | a [`Reaction`](crate::projection::Reaction) | any that keeps checkpoints |
///
/// A projection in a transaction knows the transaction's type, so it does not run over `dyn EventStore`:
///
/// ```compile_fail,E0277
/// # use std::{any::Any, sync::Arc};
/// # use eventsource_core::{EventStore, Runner, projection::*};
/// struct Tx;
/// struct Balances;
/// # impl ReadModel for Balances { const TABLES: &'static [Table] = &[]; }
/// # impl Projection for Balances {
/// #     const NAME: &'static str = "balances";
/// #     const VERSION: u32 = 1;
/// #     fn sources() -> Vec<Source> { Vec::new() }
/// #     fn listed() -> Vec<&'static str> { Vec::new() }
/// # }
/// # impl HandlesIn<Tx> for Balances {
/// #     fn handle(&self, _: &dyn Any, _: &Envelope<'_>, _: &mut Tx) -> Result<(), HandlerError> { Ok(()) }
/// # }
/// fn start(store: Arc<dyn EventStore>) {
///     let runner = Runner::new(store).with(Balances);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be run on a store of type `{S}`",
    label = "neither a projection for this store, nor a reaction",
    note = "a projection in memory is given as `InMemory::new(..)`, which is kept to read it",
    note = "a projection in a transaction runs on the one type of store whose transaction it names, and not on `dyn EventStore`"
)]
pub trait Runs<S, Kind> {
    /// Makes it ready.
    #[doc(hidden)]
    fn ready(self, store: &Arc<S>) -> Result<Runnable, StartError>;
}

/// A projection that is ready to be run.
#[doc(hidden)]
pub struct Runnable(pub(super) Arc<dyn Target>);

impl fmt::Debug for Runnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runnable")
            .field(self.0.definition().name())
            .finish()
    }
}

/// Kinds, by which the implementations differ.
#[doc(hidden)]
pub mod kind {
    #[derive(Debug)]
    pub enum Memory {}
    #[derive(Debug)]
    pub enum Transaction {}
    #[derive(Debug)]
    pub enum AtLeastOnce {}
    #[derive(Debug)]
    pub enum Reaction {}
}

impl<S: EventStore, P: Handles> Runs<S, kind::Memory> for InMemory<P> {
    fn ready(self, _: &Arc<S>) -> Result<Runnable, StartError> {
        let name = ProjectionName::new(P::NAME)?;
        let target = OfMemory::new(self)?.ok_or(StartError::InUse { name })?;
        Ok(Runnable(Arc::new(target)))
    }
}

impl<S: TransactionalStore, P: HandlesIn<S::Tx>> Runs<S, kind::Transaction> for P {
    fn ready(self, store: &Arc<S>) -> Result<Runnable, StartError> {
        let definition = Definition::of::<P>(P::TABLES)?;
        let name = definition.name().clone();
        let target = InTransaction::new(Arc::clone(store), self, definition);
        runnable(name, target)
    }
}

impl<S: EventStore, P: HandlesAsync> Runs<S, kind::AtLeastOnce> for P {
    fn ready(self, store: &Arc<S>) -> Result<Runnable, StartError> {
        let definition = Definition::of::<P>(&[])?;
        let name = definition.name().clone();
        let target = Outside::new(Arc::clone(store), AtLeastOnce(self), definition);
        runnable(name, target)
    }
}

impl<S: EventStore, R: Reacts> Runs<S, kind::Reaction> for R {
    fn ready(self, store: &Arc<S>) -> Result<Runnable, StartError> {
        let definition = Definition::of_reaction::<R>()?;
        let name = definition.name().clone();
        let target = Outside::new(Arc::clone(store), OfReaction(self), definition);
        runnable(name, target)
    }
}

fn runnable(
    name: ProjectionName,
    target: Result<impl Target + 'static, Unsupported>,
) -> Result<Runnable, StartError> {
    match target {
        Ok(target) => Ok(Runnable(Arc::new(target))),
        Err(source) => Err(StartError::Unsupported { name, source }),
    }
}

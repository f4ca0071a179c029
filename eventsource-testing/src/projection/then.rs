//! What is to be read.

use std::fmt;

use eventsource_core::{
    TransactionalStore,
    projection::{Handles, HandlesAsync, HandlesIn, Reacts},
    runner::{Runs, kind},
};

use super::{
    InStore, Memory, Outside, ProjectionOutcome, ProjectionScenario, Reacting,
    block::block_on,
    place::{InMemoryStage, Kind, OutsideStage, Seen, StoreStage, caught, shown},
    play::{play, play_apart},
};

impl<P: Handles> ProjectionScenario<P, Memory<P>> {
    /// The model is this one.
    ///
    /// # Panics
    ///
    /// When it is another one, or a check has found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "models are written at the call"
    )]
    pub fn then_eq(self, expected: P) -> ProjectionOutcome
    where
        P: PartialEq + fmt::Debug,
    {
        let look = |model: &P| Seen::of(model, &expected);
        self.then_seen(&look, &shown(&expected))
    }

    /// This is read from the model.
    ///
    /// # Panics
    ///
    /// When something else is, or a check has found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "values are written at the call"
    )]
    pub fn then_reads<V: PartialEq + fmt::Debug>(
        self,
        read: impl Fn(&P) -> V,
        expected: V,
    ) -> ProjectionOutcome {
        let look = |model: &P| Seen::of(&read(model), &expected);
        self.then_seen(&look, &shown(&expected))
    }

    /// The model is as `look` asserts. It looks at the model of each way of delivering; what it does not look at is not
    /// compared.
    ///
    /// # Panics
    ///
    /// When `look` does, or a check has found something.
    #[track_caller]
    pub fn then_state(self, look: impl Fn(&P)) -> ProjectionOutcome {
        let look = |model: &P| {
            caught(|| {
                look(model);
                Seen::Expected(None)
            })
        };
        self.then_seen(&look, "as `.then_state(..)` asserts")
    }

    #[track_caller]
    fn then_seen(mut self, look: &dyn Fn(&P) -> Seen, expected: &str) -> ProjectionOutcome {
        self.bomb.defuse();
        let place = self.place;
        play(&self.story, &InMemoryStage { place, look }, expected)
    }
}

impl<P, S> ProjectionScenario<P, InStore<P, S>>
where
    S: TransactionalStore,
    P: HandlesIn<S::Tx>,
{
    /// These rows are read from the store. `read` reads all of the model that is to be compared, since it is what the checks
    /// compare, too; in an order, where a database promises none.
    ///
    /// # Panics
    ///
    /// When others are, when `read` does, or a check has found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "rows are written at the call"
    )]
    pub fn then_rows<V: PartialEq + fmt::Debug + Sync>(
        mut self,
        read: impl AsyncFn(&S) -> V + Sync,
        expected: V,
    ) -> ProjectionOutcome {
        self.bomb.defuse();
        let look = |store: &S| Seen::of(&block_on(read(store)), &expected);
        let stage = StoreStage::new(self.place, &look);
        play_apart(&self.story, &stage, &shown(&expected))
    }
}

impl<P: HandlesAsync, F> ProjectionScenario<P, Outside<P, F>> {
    /// This is read from the fake.
    ///
    /// # Panics
    ///
    /// When something else is, or a check has found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "values are written at the call"
    )]
    pub fn then_reads<V: PartialEq + fmt::Debug + Sync>(
        mut self,
        read: impl Fn(&F) -> V + Sync,
        expected: V,
    ) -> ProjectionOutcome {
        self.bomb.defuse();
        let Outside { fake, make } = self.place;
        let stage = OutsideStage {
            kind: Kind::Outside,
            fake: &fake,
            ready: &|fake, store| Runs::<_, kind::AtLeastOnce>::ready(make(fake), store),
            look: &|fake| Seen::of(&read(fake), &expected),
        };
        play_apart(&self.story, &stage, &shown(&expected))
    }
}

impl<R: Reacts, F> ProjectionScenario<R, Reacting<R, F>> {
    /// This is read from the fake.
    ///
    /// # Panics
    ///
    /// When something else is, or a check has found something.
    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "values are written at the call"
    )]
    pub fn then_reads<V: PartialEq + fmt::Debug + Sync>(
        mut self,
        read: impl Fn(&F) -> V + Sync,
        expected: V,
    ) -> ProjectionOutcome {
        self.bomb.defuse();
        let Reacting { fake, make } = self.place;
        let stage = OutsideStage {
            kind: Kind::Reaction,
            fake: &fake,
            ready: &|fake, store| Runs::<_, kind::Reaction>::ready(make(fake), store),
            look: &|fake| Seen::of(&read(fake), &expected),
        };
        play_apart(&self.story, &stage, &shown(&expected))
    }
}

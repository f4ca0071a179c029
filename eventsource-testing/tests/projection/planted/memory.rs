//! Read models in memory that are broken.

use std::cell::Cell;

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;

use super::planted;
use crate::domain::{Account, Closed, Deposited, Opened, deposited, opened};

/// A model of one number, made of deposits.
macro_rules! sums {
    ($($(#[$doc:meta])* $name:ident, $default:expr, $project:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, PartialEq, Projection)]
        #[projection(name = "sum", version = 1, from(Account), events(Deposited), ignores(..))]
        pub(super) struct $name(i64);

        impl Default for $name {
            fn default() -> Self {
                const DEFAULT: fn() -> i64 = $default;
                Self(DEFAULT())
            }
        }

        impl Project<Deposited> for $name {
            fn project(&mut self, event: &Deposited, _: &Envelope<'_>) {
                const PROJECT: fn(i64, i64) -> i64 = $project;
                self.0 = PROJECT(self.0, event.cents);
            }
        }
    )*};
}

thread_local! {
    /// Which of all deliveries comes.
    static DELIVERIES: Cell<i64> = const { Cell::new(0) };

    /// The sum of the model that was begun last.
    static SUM: Cell<i64> = const { Cell::new(0) };
}

sums! {
    /// Does not take what is large.
    Panicky, || 0, |sum, cents| { assert!(cents < 100, "that is too much"); sum + cents };
    /// Counts deliveries beside the model.
    Counting, || 0, |sum, cents| { DELIVERIES.set(DELIVERIES.get() + 1); sum + cents + DELIVERIES.get() / 3 };
    /// Keeps the sum where two models share it.
    Shared, || { SUM.set(0); 0 }, |_, cents| { SUM.set(SUM.get() + cents); SUM.get() };
}

fn told<P: Projection + Default>() -> ProjectionScenario<P> {
    ProjectionScenario::new()
        .given::<Account>(1, [deposited(1), deposited(2)])
        .when::<Account>(2, deposited(3))
}

/// What needs several aggregates to be covered.
#[derive(Debug, Default, PartialEq, Projection)]
#[projection(name = "states", version = 1, from(Account), events(Opened, Closed), ignores(..))]
pub(super) struct States(u32);

impl Project<Opened> for States {
    fn project(&mut self, _: &Opened, _: &Envelope<'_>) {
        self.0 += 1;
    }
}

impl Project<Closed> for States {
    fn project(&mut self, _: &Closed, _: &Envelope<'_>) {
        self.0 -= 1;
    }
}

planted! {
    once_finds_a_handler_that_panics: also Once,
        |scenario| ProjectionScenario::<Panicky>::new().given::<Account>(1, [deposited(1), deposited(100)])
        => scenario.then_eq(Panicky(1));
    repeat_finds_what_is_counted_beside_the_model: also Repeat,
        |scenario| { DELIVERIES.set(0); told::<Counting>() }
        => scenario.then_eq(Counting(7));
    rebuilt_finds_a_sum_that_two_models_share: only Rebuilt,
        |scenario| told::<Shared>()
        => scenario.then_eq(Shared(6));
    /// It is found where it is required: not every scenario is about every event.
    coverage_finds_a_listed_event_that_does_not_come: also Coverage,
        |scenario| ProjectionScenario::<States>::new()
            .given::<Account>(1, opened("ann"))
            .when::<Account>(2, opened("bob"))
            .requires(ProjectionCheck::Coverage)
        => scenario.then_eq(States(2));
}

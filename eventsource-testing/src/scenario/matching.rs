//! Expectations by pattern.

use std::{fmt, marker::PhantomData};

/// What a value is expected to be like, written by [`matching!`](crate::matching): for
/// [`Decided::then_refused`](super::Decided::then_refused) and [`Decided::then_events`](super::Decided::then_events).
pub struct Matching<T: ?Sized, F> {
    pattern: &'static str,
    accepts: F,
    of: PhantomData<fn(&T)>,
}

impl<T: ?Sized, F: Fn(&T) -> bool> Matching<T, F> {
    /// What `accepts` accepts; `pattern` says in a failure what that is.
    pub fn new(pattern: &'static str, accepts: F) -> Self {
        let of = PhantomData;
        Self {
            pattern,
            accepts,
            of,
        }
    }

    pub(super) fn pattern(&self) -> &'static str {
        self.pattern
    }

    pub(super) fn accepts(&self, value: &T) -> bool {
        (self.accepts)(value)
    }
}

impl<T, F: Fn(&[T]) -> bool> Matching<[T], F> {
    /// The same for a list.
    pub fn list(pattern: &'static str, accepts: F) -> Self {
        Self::new(pattern, accepts)
    }
}

impl<T: ?Sized, F> fmt::Debug for Matching<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "matching!({})", self.pattern)
    }
}

/// A pattern, as in `matches!`: what a refusal is like, or the list of the events that came.
///
/// For [`then_refused`](crate::scenario::Decided::then_refused) and
/// [`then_events`](crate::scenario::Decided::then_events), where the error has no `PartialEq`, or not all of it matters.
///
/// ```
/// # use eventsource_core::prelude::*;
/// # use eventsource_testing::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// # #[event(name = "account.withdrawn")]
/// # struct Withdrawn { cents: i64, receipt: String }
/// # #[derive(Debug, thiserror::Error)]
/// # enum AccountError { #[error("{missing} cents are missing")] InsufficientFunds { missing: i64 } }
/// # #[derive(Debug, Default, PartialEq, Aggregate)]
/// # #[aggregate(name = "account", id = u64, error = AccountError, events(Withdrawn))]
/// # struct Account;
/// # impl Apply<Withdrawn> for Account { fn apply(&mut self, _: &Withdrawn) {} }
/// # struct Withdraw { cents: i64 }
/// # impl Handle<Withdraw> for Account {
/// #     fn handle(&self, command: &Withdraw) -> Decision<Self> {
/// #         match command.cents {
/// #             5 => Err(AccountError::InsufficientFunds { missing: 5 }),
/// #             cents => Ok(Withdrawn { cents, receipt: "no. 17".into() }.into()),
/// #         }
/// #     }
/// # }
/// Scenario::<Account>::new()
///     .when(Withdraw { cents: 5 })
///     .then_refused(matching!(AccountError::InsufficientFunds { missing } if *missing > 0));
///
/// Scenario::<Account>::new()
///     .when(Withdraw { cents: 3 })
///     .then_events(matching!([AccountEvent::Withdrawn(Withdrawn { cents: 3, .. })]));
/// ```
#[macro_export]
macro_rules! matching {
    ($([$($pattern:tt)*])|+ $(if $guard:expr)? $(,)?) => {
        $crate::scenario::Matching::list(
            ::core::stringify!($([$($pattern)*])|+ $(if $guard)?),
            |it| ::core::matches!(it, $([$($pattern)*])|+ $(if $guard)?),
        )
    };
    ($pattern:pat $(if $guard:expr)? $(,)?) => {
        $crate::scenario::Matching::new(
            ::core::stringify!($pattern $(if $guard)?),
            |it| ::core::matches!(it, $pattern $(if $guard)?),
        )
    };
}

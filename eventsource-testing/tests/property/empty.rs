//! Histories that test nothing fail.

use std::convert::Infallible;

use eventsource_core::prelude::*;
use eventsource_testing::{
    prelude::*,
    proptest::{self, prelude::*},
};

use crate::{
    domain::{Account, Opened, any_deposit, any_open, any_withdraw},
    support::failure,
};

#[test]
fn a_run_in_which_everything_is_refused_fails_and_says_why_it_was_refused() {
    let text = failure(|| {
        histories::<Account>()
            .command(any_deposit())
            .command(any_withdraw())
            .check()
    });
    assert!(
        text.contains("were refused, so that they test next to nothing"),
        "{text}"
    );
    assert!(text.contains("  Deposit   0 accepted, "), "{text}");
    assert!(text.contains("the first: it is not open"), "{text}");
    assert!(
        text.contains("hint: add the commands that have to come first"),
        "{text}"
    );
}

#[test]
fn a_run_in_which_nearly_everything_is_refused_fails() {
    // One in 40 is about to open the account, and that once.
    let rare = || prop_oneof![39 => Just(Err(())), 1 => Just(Ok(()))].prop_map(OpenNowAndThen);
    let text = failure(|| {
        histories::<Account>()
            .command(rare())
            .config(|config| {
                config.cases = 500;
                config.rng_seed = proptest::test_runner::RngSeed::Fixed(1);
            })
            .check()
    });
    assert!(
        text.contains("were refused, so that they test next to nothing"),
        "{text}"
    );
    assert!(!text.contains(" 0 accepted"), "{text}");
}

#[derive(Debug)]
struct OpenNowAndThen(Result<(), ()>);

impl Handle<OpenNowAndThen> for Account {
    fn handle(&self, command: &OpenNowAndThen) -> Decision<Self> {
        match command.0 {
            Ok(()) if !self.open => Ok(Opened.into()),
            _ => Err(crate::domain::Refused::NotOpen),
        }
    }
}

#[derive(Debug, Clone)]
struct Wait;

impl Handle<Wait> for Account {
    fn handle(&self, _: &Wait) -> Decision<Self> {
        Ok(Events::none())
    }
}

#[test]
fn a_run_in_which_nothing_happens_fails() {
    let text = failure(|| histories::<Account>().command(Just(Wait)).check());
    assert!(
        text.contains("account: no event happened in the random histories"),
        "{text}"
    );
}

#[test]
fn a_run_in_which_nothing_is_drawn_fails() {
    let text = failure(|| histories::<Account>().check());
    assert!(
        text.contains("test nothing: no command was named"),
        "{text}"
    );
    let text = failure(|| histories::<Account>().command(any_open()).length(0).check());
    assert!(text.contains("test nothing: they have no length"), "{text}");
    let text = failure(|| {
        let open = histories::<Account>().command(any_open());
        open.config(|config| config.cases = 0).check()
    });
    assert!(
        text.contains("test nothing: no cases are to be played"),
        "{text}"
    );
}

#[test]
fn strategies_that_give_up_are_an_error() {
    let never = any_open().prop_filter("there is none", |_| false);
    let text = failure(|| {
        let none = histories::<Account>().command(never);
        none.config(|config| config.max_local_rejects = 10).check()
    });
    assert!(
        text.contains("no more random histories could be drawn"),
        "{text}"
    );
    assert!(
        text.contains("there is none") || text.contains("Too many"),
        "{text}"
    );
}

#[test]
fn histories_that_are_not_checked_fail() {
    let text = failure(|| drop(histories::<Account>().command(any_open())));
    assert!(
        text.contains("the random histories have no `check`"),
        "{text}"
    );
    assert!(text.contains("empty.rs:"), "{text}");
}

#[derive(Debug, Clone, Default, PartialEq, Aggregate)]
#[aggregate(name = "fuse", id = u64, error = Infallible, events(Opened))]
struct Fuse {
    opened: u32,
}

impl Apply<Opened> for Fuse {
    fn apply(&mut self, _: &Opened) {
        self.opened += 1;
    }
}

#[derive(Debug, Clone)]
struct Blow(u32);

impl Handle<Blow> for Fuse {
    #[expect(
        clippy::panic_in_result_fn,
        reason = "that it panics is what is tested"
    )]
    fn handle(&self, command: &Blow) -> Decision<Self> {
        assert!(self.opened < 2 || command.0 < 10, "it is blown");
        Ok(Opened.into())
    }
}

#[test]
fn a_handler_that_panics_is_found_and_its_history_shrunk() {
    let any_blow = (0..100_u32).prop_map(Blow);
    let text = failure(|| histories::<Fuse>().command(any_blow).check());
    assert!(
        text.contains("fuse: `Blow` panicked: it is blown, in a random history"),
        "{text}"
    );
    assert_eq!(
        crate::support::commands(&text),
        ["Blow(0)", "Blow(0)", "Blow(10)"]
    );
}

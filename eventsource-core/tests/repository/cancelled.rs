//! Futures that are dropped in the middle, and what goes on without them.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use eventsource_core::{Bound, Keep, LoadError, prelude::*};

use crate::{
    domain::version,
    trimmed::{CUT, cut},
};

/// Polls a future once, which waits then, and drops it.
fn give_up(waiting: impl Future) {
    let mut cx = Context::from_waker(Waker::noop());
    assert!(pin!(waiting).poll(&mut cx).is_pending());
}

#[tokio::test]
async fn a_history_whose_first_step_was_given_up_still_says_that_its_beginning_is_gone() {
    let (store, accounts) = cut(Keep::Latest(2)).await;
    for to in [Bound::from(..), Bound::from(Timestamp::MAX)] {
        let history = || accounts.history(&1).until(to);
        let mut entries = history().entries();
        store.wait_for_first();
        give_up(entries.next());
        let error = entries.next().await.map(|_| ()).expect_err("no beginning");
        let is_said = |error: &LoadError| matches!(error, LoadError::HistoryTrimmed { first, .. } if *first == version(CUT));
        assert!(is_said(&error), "{error:?}");

        let mut states = history().states();
        store.wait_for_first();
        give_up(states.next());
        let error = states.next().await.map(|_| ()).expect_err("no beginning");
        assert!(is_said(&error), "{error:?}");

        // What is left is given whole.
        let mut entries = history().since(version(CUT)).entries();
        store.wait_for_first();
        give_up(entries.next());
        let mut left = Vec::new();
        while let Some(entry) = entries.next().await.expect("readable") {
            left.push(entry.version.get());
        }
        assert_eq!(left, [CUT, CUT + 1, CUT + 2]);
    }
}

//! A replay over a store that fails while it keeps what was replayed.

use std::sync::atomic::{AtomicU32, Ordering};

use eventsource_core::{MemoryStore, OnFailure, Runner, projection::HandlerError};

use crate::{
    domain::{CURSED, Mirror, Told, at_once, fill, soon, status, until},
    shelf::{Shelf, Step, Then},
};

#[tokio::test]
async fn nothing_is_delivered_twice_for_a_store_that_fails_for_a_while() {
    let troubles: [&[Then]; 4] = [
        &[Then::Fail],
        &[Then::Forget],
        &[Then::Fail, Then::Fail, Then::Forget],
        &[Then::Forget, Then::Fail],
    ];
    for thens in troubles {
        let (store, told) = (MemoryStore::new(), Told::default());
        let shelf = Shelf::new(&store);
        told.rule(|event, _| match event.coins {
            CURSED => Err(HandlerError::new("the curse")),
            _ => Ok(()),
        });
        let settings = at_once(1).on_failure(OnFailure::Park);
        let runner = Runner::new(shelf.clone())
            .with_settings(Mirror::<1>(told.clone()), settings)
            .start()
            .expect("nothing is wrong");
        for coins in [CURSED, 2, 3] {
            fill(&store, 1, coins).await;
        }
        soon(until(&runner, "mirror", |status| status.parked == 3)).await;
        told.rule(|_, _| Ok(()));
        let asked = AtomicU32::new(0);
        shelf.rule(move |step| match step {
            Step::Advance => {
                let number = asked.fetch_add(1, Ordering::SeqCst);
                let then = thens.get(number as usize);
                then.copied().unwrap_or(Then::GoOn)
            }
            _ => Then::GoOn,
        });
        let replayed = soon(runner.replay_parked("mirror")).await;
        let replayed = replayed.expect("it runs");
        assert_eq!(told.of(1), [CURSED, 2, 3], "{thens:?}");
        assert_eq!((replayed.delivered, replayed.left.len()), (3, 0));
        assert_eq!(status(&runner, "mirror").await.parked, 0);
        runner.stop().await;
    }
}

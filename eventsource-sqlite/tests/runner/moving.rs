//! What is read goes on being kept up beside a rebuild and a replay: no question that a file is asked is answered at once.

use std::{
    any::Any,
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
};

use eventsource_core::{
    OnFailure, ProjectionState, Runner, RunnerHandle,
    projection::{
        Envelope, HandlerError, HandlesAsync, HandlesIn, Handling, Projection, ReadModel, Source,
        Table,
    },
};
use eventsource_sqlite::SqliteTx;
use tokio::sync::Semaphore;

use crate::domain::{Bank, Filled, Jar, LONG, at_once, fill};

const STORED: u64 = 400;

/// Jars and coins in the order of delivery, each with where it was delivered to.
type Log = Arc<Mutex<Vec<(String, String, i64)>>>;

fn place(log: &Log, is: impl Fn(&(String, String, i64)) -> bool) -> usize {
    let log = log.lock().unwrap();
    log.iter().position(is).unwrap()
}

/// Tells which of its tables each event comes to, and asks for a pause in the middle of its rebuild.
#[derive(Debug, Clone, Default)]
struct Told {
    log: Log,
    runner: Arc<OnceLock<RunnerHandle>>,
}

impl ReadModel for Told {
    const TABLES: &'static [Table] = &[Table::new("tellings", "position INTEGER PRIMARY KEY")];
}

impl Projection for Told {
    const NAME: &'static str = "told";
    const VERSION: u32 = 1;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

impl HandlesIn<SqliteTx> for Told {
    fn handle(
        &self,
        event: &dyn Any,
        envelope: &Envelope<'_>,
        tx: &mut SqliteTx,
    ) -> Result<(), HandlerError> {
        let Some(event) = event.downcast_ref::<Filled>() else {
            return Ok(());
        };
        let table = tx.table("tellings")?.to_owned();
        let jar = envelope.stream.id().to_owned();
        let mut log = self.log.lock().unwrap();
        log.push((table.clone(), jar, event.coins));
        let is_rebuild = log.first().is_some_and(|first| first.0 != table);
        if is_rebuild && event.coins == 20 {
            let pause = self.runner.get().unwrap().pause("told");
            // It is wanted as soon as this is polled.
            let _polled = pin!(pause).poll(&mut Context::from_waker(Waker::noop()));
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_is_read_is_kept_up_while_another_build_catches_up() {
    let bank = Bank::new();
    let store = bank.open().await;
    for coins in 1..=i64::try_from(STORED).unwrap() {
        fill(&store, 1, coins).await;
    }
    let told = Told::default();
    let runner = Runner::new(store.clone())
        .with_settings(told.clone(), at_once(2).with_batch(2))
        .start()
        .unwrap();
    assert!(told.runner.set(runner.clone()).is_ok());
    let first = fill(&store, 3, 1).await;
    runner.wait_for(&first, LONG).await.unwrap();
    let rebuild = runner.rebuild("told");
    let meanwhile = async {
        // The handler has asked for it; by now it rests.
        loop {
            let status = runner.status_of_one("told").await.unwrap().unwrap();
            if matches!(status.state, ProjectionState::Paused) {
                break;
            }
            tokio::task::yield_now().await;
        }
        let last = fill(&store, 2, 1).await;
        runner.resume("told").unwrap();
        last
    };
    let (outcome, _) = tokio::join!(rebuild, meanwhile);
    outcome.unwrap();
    let old = told.log.lock().unwrap()[0].0.clone();
    let live = place(&told.log, |(table, jar, _)| *table == old && jar == "2");
    let last = place(&told.log, |(table, jar, coins)| {
        *table != old && jar == "1" && coins.unsigned_abs() == STORED
    });
    assert!(
        live < last,
        "it came to what is read at {live}, and the rebuild had caught up at {last}"
    );
    drop(told);
    runner.stop().await;
}

/// Fails at one event until it is blessed, and waits there from then on for leave.
#[derive(Clone)]
struct Cursed {
    log: Log,
    is_blessed: Arc<AtomicBool>,
    arrived: Arc<Semaphore>,
    leave: Arc<Semaphore>,
}

const CURSE: i64 = 13;

impl Projection for Cursed {
    const NAME: &'static str = "cursed";
    const VERSION: u32 = 1;

    fn sources() -> Vec<Source> {
        vec![Source::of::<Jar>()]
    }

    fn listed() -> Vec<&'static str> {
        vec!["jar.filled"]
    }
}

impl HandlesAsync for Cursed {
    fn handle<'a>(
        &'a self,
        event: &'a (dyn Any + Send + Sync),
        envelope: &'a Envelope<'a>,
    ) -> Handling<'a> {
        Box::pin(async move {
            let Some(event) = event.downcast_ref::<Filled>() else {
                return Ok(());
            };
            if event.coins == CURSE {
                if !self.is_blessed.load(Ordering::SeqCst) {
                    return Err(HandlerError::new("the curse"));
                }
                self.arrived.add_permits(1);
                self.leave.acquire().await?.forget();
            }
            let jar = envelope.stream.id().to_owned();
            self.log
                .lock()
                .unwrap()
                .push((String::new(), jar, event.coins));
            Ok(())
        })
    }
}

#[tokio::test]
async fn what_is_read_is_kept_up_while_parked_events_are_delivered_again() {
    let bank = Bank::new();
    let store = bank.open().await;
    fill(&store, 1, CURSE).await;
    for _ in 0..STORED {
        fill(&store, 1, 1).await;
    }
    let cursed = Cursed {
        log: Log::default(),
        is_blessed: Arc::default(),
        arrived: Arc::new(Semaphore::new(0)),
        leave: Arc::new(Semaphore::new(0)),
    };
    let runner = Runner::new(store.clone())
        .with_settings(cursed.clone(), at_once(1).on_failure(OnFailure::Park))
        .start()
        .unwrap();
    loop {
        let status = runner.status_of_one("cursed").await.unwrap().unwrap();
        if (status.parked, status.state.is_live()) == (STORED + 1, true) {
            break;
        }
        tokio::task::yield_now().await;
    }
    cursed.is_blessed.store(true, Ordering::SeqCst);
    let replay = runner.replay_parked("cursed");
    let meanwhile = async {
        cursed.arrived.acquire().await.unwrap().forget();
        fill(&store, 2, 1).await;
        cursed.leave.add_permits(1);
    };
    let (replayed, ()) = tokio::join!(replay, meanwhile);
    assert_eq!(replayed.unwrap().delivered, STORED + 1);
    let other = place(&cursed.log, |(_, jar, _)| jar == "2");
    assert!(
        (other as u64) < STORED,
        "it came after {other} parked events"
    );
    runner.stop().await;
}

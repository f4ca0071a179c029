//! Other writers.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use eventsource_core::{
    EventStoreExt, Events, ExecuteError, Loaded, MemoryStore, Repository, RetryPolicy, ThreadTimer,
    Timer, Version,
};

use crate::{
    domain::{
        Account, Deposit, Deposited, Meddled, Open, Refusal, Withdraw, accounts, other_deposit,
    },
    pairs,
};

/// Account 1, open, in a store in which another writer deposits 1 before each of the first `times` appends.
async fn contended(times: u32) -> Repository<Account> {
    let store = MemoryStore::new();
    Repository::<Account>::new(store.clone())
        .execute(&1, Open)
        .await
        .expect("opened");
    let mut left = times;
    let meddled = Meddled::new(store, move |_| {
        left = left.checked_sub(1)?;
        Some(other_deposit(1))
    });
    let quick = RetryPolicy::default().with_delays(Duration::ZERO, Duration::ZERO);
    Repository::new(meddled).with_retry(quick.with_attempts(4))
}

#[tokio::test]
async fn after_a_conflict_the_command_is_decided_again_on_the_newer_state() {
    let accounts = contended(3).await;
    // At first there is nothing to withdraw from; what the others deposit in the meantime is seen.
    let receipt = accounts
        .decide(&1, |account: Loaded<Account>| async move {
            let cents = account.cents;
            Ok::<_, Refusal>(Events::from(Deposited { cents: 100 + cents }))
        })
        .await
        .expect("the fourth attempt");
    assert_eq!(receipt.version(), Version::new(5));
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 3 + 103);
}

#[tokio::test]
async fn retries_are_bounded_and_the_last_conflict_is_told() {
    let accounts = contended(4).await;
    let error = accounts
        .execute(&1, Deposit(1))
        .await
        .expect_err("always too late");
    let ExecuteError::Conflict {
        attempts: 4,
        source,
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(source.streams[0].actual, Version::new(5));
    assert!(error.is_conflict());
    assert_eq!(accounts.load(&1).await.expect("the account").cents, 4);
}

#[tokio::test]
async fn without_retries_the_first_conflict_is_returned() {
    let accounts = contended(1).await.with_retry(RetryPolicy::never());
    let error = accounts
        .execute(&1, Deposit(1))
        .await
        .expect_err("too late");
    assert!(
        matches!(error, ExecuteError::Conflict { attempts: 1, .. }),
        "{error:?}"
    );
}

/// Notes how long it was asked to wait, and does not.
#[derive(Debug, Default)]
struct Noting(Mutex<Vec<Duration>>);

impl Timer for Noting {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().expect("not poisoned").push(delay);
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn before_each_further_attempt_it_waits_up_to_twice_as_long() {
    let second = Duration::from_secs(1);
    let mut longest = [Duration::ZERO; 3];
    for _ in 0..100 {
        let timer = Arc::new(Noting::default());
        let retry = RetryPolicy::default().with_delays(second, 3 * second);
        let waiting: Arc<dyn Timer> = Arc::<Noting>::clone(&timer);
        let accounts = contended(3).await.with_retry(retry).with_timer(waiting);
        accounts
            .execute(&1, Deposit(1))
            .await
            .expect("the fourth attempt");
        let waits = timer.0.lock().expect("not poisoned").clone();
        assert_eq!(waits.len(), 3);
        for (longest, wait) in longest.iter_mut().zip(waits) {
            *longest = wait.max(*longest);
        }
    }
    for (longest, bound) in longest.into_iter().zip([1, 2, 3]) {
        let bound = second * bound;
        assert!(
            bound / 2 < longest && longest <= bound,
            "{longest:?} of {bound:?}"
        );
    }
}

#[test]
fn a_conflict_outside_of_a_runtime_is_waited_out_all_the_same() {
    use std::task::{Context, Poll, Wake, Waker};
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut run = std::pin::pin!(async {
        let accounts = contended(1).await.with_retry(RetryPolicy::default());
        accounts.execute(&1, Deposit(1)).await
    });
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let receipt = loop {
        match run.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => break done.expect("the second attempt"),
            Poll::Pending => std::thread::park(),
        }
    };
    assert_eq!(receipt.version(), Version::new(3));
}

#[test]
fn a_wait_between_attempts_needs_no_runtime() {
    use std::{pin::pin, sync::mpsc, task};
    struct Ring(mpsc::Sender<()>);
    impl task::Wake for Ring {
        fn wake(self: Arc<Self>) {
            self.0.send(()).expect("somebody waits");
        }
    }
    let (sender, rings) = mpsc::channel();
    let waker = Arc::new(Ring(sender)).into();
    let mut cx = task::Context::from_waker(&waker);
    let mut wait = pin!(Timer::sleep(&ThreadTimer, Duration::from_millis(1)));
    while wait.as_mut().poll(&mut cx).is_pending() {
        rings.recv().expect("the timer rings");
    }
}

#[tokio::test]
async fn the_awaited_decision_may_take_its_state_into_a_spawned_task() {
    let accounts = accounts().await;
    accounts.execute(&1, Deposit(40)).await.expect("a deposit");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&asked);
    let task = tokio::spawn(async move {
        let decided = accounts.decide(&1, move |account| {
            let asked = Arc::clone(&shared);
            async move {
                let handle = account.clone();
                let answer = tokio::spawn(async move { handle.cents + 2 }).await;
                let cents = answer.expect("the task ends");
                asked
                    .lock()
                    .expect("not poisoned")
                    .push((account.version(), cents));
                Ok::<_, Refusal>(Events::from(Deposited { cents }))
            }
        });
        decided.await.expect("decided");
        accounts.load(&1).await.expect("the account").cents
    });
    assert_eq!(task.await.expect("the task ends"), 82);
    assert_eq!(
        *asked.lock().expect("not poisoned"),
        [(Version::new(2), 42)]
    );
}

#[tokio::test]
async fn the_awaited_decision_returns_errors_of_its_own() {
    let accounts = accounts().await;
    let error = accounts
        .decide(&1, |_| async {
            Err::<Events<Account>, _>("the other service is down")
        })
        .await
        .expect_err("not decided");
    assert_eq!(error.refusal(), Some(&"the other service is down"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_of_one_account_lose_nothing() {
    let accounts = accounts()
        .await
        .with_retry(RetryPolicy::default().with_attempts(u32::MAX));
    let refused = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..64)
        .map(|writer| {
            let (accounts, refused) = (accounts.clone(), Arc::clone(&refused));
            tokio::spawn(async move {
                for n in 0..10 {
                    let done = if (writer + n) % 2 == 0 {
                        accounts.execute(&1, Deposit(3)).await
                    } else {
                        accounts.execute(&1, Withdraw(2)).await
                    };
                    match done {
                        Ok(receipt) => assert_eq!(receipt.events(), 1),
                        Err(ExecuteError::Refused(_)) => {
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    let account = accounts.load(&1).await.expect("the account");
    let refused = refused.load(Ordering::Relaxed);
    assert_eq!(account.applied, 1 + 640 - refused);
    assert_eq!(account.cents, 3 * 320 - 2 * (320 - i64::from(refused)));
    assert!(account.cents >= 0);
}

#[tokio::test]
async fn pairs_that_are_decided_at_the_same_time_lose_nothing() {
    let accounts = pairs::accounts_in(MemoryStore::new()).await.cache(8);
    let accounts = accounts.with_retry(RetryPolicy::default().with_attempts(u32::MAX));
    let moved = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (accounts, moved) = (accounts.clone(), Arc::clone(&moved));
            tokio::spawn(async move {
                for _ in 0..20 {
                    let (from, to) = if task % 2 == 0 { (1, 2) } else { (2, 1) };
                    match accounts.decide_both(&from, &to, pairs::transfer(7)).await {
                        Ok(_) => moved.fetch_add(1, Ordering::SeqCst),
                        Err(error) => {
                            assert!(error.refusal().is_some(), "{error:?}");
                            0
                        }
                    };
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("it ends");
    }
    let one = accounts.load(&1).await.expect("the account").cents;
    let two = accounts.load(&2).await.expect("the account").cents;
    assert_eq!(one + two, 100);
    assert!(one >= 0 && two >= 0);
    let moved = moved.load(Ordering::SeqCst) as usize;
    let stored = accounts.store().read_all().await.expect("readable").len();
    assert_eq!(stored, 3 + 2 * moved);
}

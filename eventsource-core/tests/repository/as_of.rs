//! The state at a point in the past.

use std::sync::Arc;

use eventsource_core::{AsOf, Context, LoadError, ManualClock, MemoryStore, Repository, Timestamp};

use crate::domain::{Account, Deposit, Open, version};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Recorded one day apart in January; the third of the five events had occurred long before.
async fn history() -> Repository<Account> {
    let clock = Arc::new(ManualClock::at(at("2026-01-01T00:00:00Z")));
    let clock_of_store: Arc<ManualClock> = Arc::clone(&clock);
    let accounts = Repository::new(MemoryStore::with_clock(clock_of_store));
    let accounts = accounts.with_clock(Arc::clone(&clock) as Arc<dyn eventsource_core::Clock>);
    let late = Context::new().occurred_at(at("2025-06-01T00:00:00Z"));
    accounts.execute(&1, Open).await.expect("opened");
    for (day, cents) in [(2, 1), (3, 10), (4, 100), (5, 1000)] {
        clock.set(Timestamp::start_of_day(2026, 1, day).expect("a day"));
        let context = if day == 3 {
            late.clone()
        } else {
            Context::new()
        };
        accounts
            .within(context)
            .execute(&1, Deposit(cents))
            .await
            .expect("a deposit");
    }
    accounts
}

#[tokio::test]
async fn as_of_a_version_is_right_after_it() {
    let accounts = history().await;
    for (number, cents) in [(1, 0), (2, 1), (3, 11), (4, 111), (5, 1111)] {
        let then = accounts
            .load_as_of(&1, AsOf::Version(version(number)))
            .await
            .expect("a state");
        assert_eq!((then.cents, then.version()), (cents, Some(version(number))));
    }
    let error = accounts
        .load_as_of(&1, AsOf::Version(version(6)))
        .await
        .expect_err("no such");
    assert!(
        matches!(&error, LoadError::NoSuchVersion { asked, last, .. }
            if *asked == version(6) && *last == Some(version(5))),
        "{error:?}"
    );
    let error = accounts
        .load_as_of(&2, AsOf::Version(version(1)))
        .await
        .expect_err("no stream");
    assert!(
        matches!(error, LoadError::NoSuchVersion { last: None, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn as_of_a_recorded_time_takes_the_boundary_in() {
    let accounts = history().await;
    let before = at("2026-01-03T00:00:00Z").saturating_add_micros(-1);
    for (time, cents) in [
        (at("2025-12-31T23:59:59Z"), 0),
        (at("2026-01-02T00:00:00Z"), 1),
        (before, 1),
        (at("2026-01-03T00:00:00Z"), 11),
        (at("2027-01-01T00:00:00Z"), 1111),
    ] {
        let then = accounts
            .load_as_of(&1, AsOf::Recorded(time))
            .await
            .expect("a state");
        assert_eq!(then.cents, cents, "{time}");
    }
}

// D29
#[tokio::test]
async fn as_of_an_occurred_time_folds_in_the_order_of_versions_and_never_in_that_of_times() {
    let accounts = history().await;
    for (time, cents, last) in [
        (at("2025-05-31T23:59:59.999999Z"), 0, None),
        // Only the deposit that was recorded late had occurred by then.
        (at("2025-06-01T00:00:00Z"), 10, Some(version(3))),
        (at("2026-01-02T00:00:00Z"), 11, Some(version(3))),
        (at("2026-01-04T00:00:00Z"), 111, Some(version(4))),
    ] {
        let then = accounts
            .load_as_of(&1, AsOf::Occurred(time))
            .await
            .expect("a state");
        assert_eq!((then.cents, then.version()), (cents, last), "{time}");
    }
}

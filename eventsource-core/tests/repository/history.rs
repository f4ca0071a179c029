//! The audit trail: which entries there are, in which order, with what in them.

use std::sync::Arc;

use eventsource_core::{
    Actor, Bound, Clock, EventStoreExt, HistoryEntry, LoadError, ManualClock, Recorded, prelude::*,
};

use crate::{
    domain::{Account, Deposit, Open, Withdraw, version},
    evolved,
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Account 1 with seven events. They are recorded at neighbouring microseconds, two of them at the same one; two had
/// occurred in another order, one of them before 1970.
pub(crate) async fn accounts() -> Repository<Account> {
    let clock = Arc::new(ManualClock::at(at("2026-01-01T00:00:00Z")));
    let store = MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
    let accounts = Repository::<Account>::new(store);
    let begin = at("2026-01-01T00:00:00Z");
    let account = |recorded: i64, occurred: i64| {
        clock.set(begin.saturating_add_micros(recorded));
        let occurred = Timestamp::from_micros(occurred);
        let actor = Actor::new(format!("clerk {recorded}")).expect("a legal actor");
        accounts.within(Context::new().by(actor).occurred_at(occurred))
    };
    account(0, 10).execute(&1, Open).await.expect("stored");
    account(1, 11)
        .execute(&1, Deposit(100))
        .await
        .expect("stored");
    account(2, 12)
        .execute(&1, Withdraw(30))
        .await
        .expect("stored");
    account(2, 0).execute(&1, Deposit(5)).await.expect("stored");
    account(3, -1)
        .execute(&1, Withdraw(7))
        .await
        .expect("stored");
    account(4, 12)
        .execute(&1, Deposit(1))
        .await
        .expect("stored");
    account(9, 14)
        .execute(&1, Withdraw(2))
        .await
        .expect("stored");
    accounts
}

/// Every end there can be: open, each version, one beyond the last, each time and its neighbours.
pub(crate) async fn points(accounts: &Repository<Account>) -> Vec<Option<AsOf>> {
    let mut points = vec![None];
    points.extend((1..=8).map(|number| Some(AsOf::Version(version(number)))));
    for event in accounts.store().read_all().await.expect("readable") {
        for micros in [-1, 0, 1] {
            let occurred = event.occurred_at.saturating_add_micros(micros);
            let recorded = event.recorded_at.saturating_add_micros(micros);
            points.extend([
                Some(AsOf::Occurred(occurred)),
                Some(AsOf::Recorded(recorded)),
            ]);
        }
    }
    points.extend([Timestamp::MIN, Timestamp::MAX].map(|time| Some(AsOf::Occurred(time))));
    points.extend([Timestamp::MIN, Timestamp::MAX].map(|time| Some(AsOf::Recorded(time))));
    points
}

/// Whether an event is not before a point, by the words of the contract alone.
pub(crate) fn is_from(event: &Recorded, point: Option<AsOf>) -> bool {
    match point {
        None => true,
        Some(AsOf::Version(version)) => event.version >= version,
        Some(AsOf::Occurred(time)) => event.occurred_at >= time,
        Some(AsOf::Recorded(time)) => event.recorded_at >= time,
    }
}

pub(crate) fn is_to(event: &Recorded, point: Option<AsOf>) -> bool {
    match point {
        None => true,
        Some(AsOf::Version(version)) => event.version <= version,
        Some(AsOf::Occurred(time)) => event.occurred_at <= time,
        Some(AsOf::Recorded(time)) => event.recorded_at <= time,
    }
}

pub(crate) fn is_reversed(from: Option<AsOf>, to: Option<AsOf>) -> bool {
    match (from, to) {
        (Some(AsOf::Version(from)), Some(AsOf::Version(to))) => to < from,
        (Some(AsOf::Occurred(from)), Some(AsOf::Occurred(to)))
        | (Some(AsOf::Recorded(from)), Some(AsOf::Recorded(to))) => to < from,
        _ => false,
    }
}

pub(crate) fn versions(entries: &[HistoryEntry<Account>]) -> Vec<u64> {
    entries.iter().map(|entry| entry.version.get()).collect()
}

// D29
#[tokio::test]
async fn no_pair_of_ends_drops_an_event_within_them_or_lets_one_in_from_outside() {
    let accounts = accounts().await;
    let all = accounts.store().read_all().await.expect("readable");
    let points = points(&accounts).await;
    let mut compared = 0;
    for from in &points {
        for to in &points {
            let history = accounts.history(&1).between(*from, *to).await;
            if is_reversed(*from, *to) {
                let error = history.expect_err("reversed");
                assert!(matches!(error, LoadError::Reversed { .. }), "{error:?}");
                continue;
            }
            let due = all
                .iter()
                .filter(|event| is_from(event, *from) && is_to(event, *to));
            let due: Vec<&Recorded> = due.collect();
            let history = history.expect("a history");
            let found: Vec<&Recorded> = history.iter().map(HistoryEntry::recorded).collect();
            assert_eq!(found, due, "{from:?} to {to:?}");
            compared += due.len();
        }
    }
    assert!(compared > 5_000, "{compared}");
}

// D29
#[tokio::test]
async fn a_version_of_zero_or_none_and_the_epoch_are_ends_and_no_first_event_is_dropped() {
    let accounts = accounts().await;
    let all = vec![1, 2, 3, 4, 5, 6, 7];
    for end in [
        Bound::from(Version::new(0)),
        None::<AsOf>.into(),
        (..).into(),
        Bound::default(),
    ] {
        for history in [
            accounts.history(&1).since(end),
            accounts.history(&1).until(end),
            accounts.history(&1).between(end, end),
            accounts.history(&1).between(end, version(7)),
            accounts.history(&1).between(Version::FIRST, end),
        ] {
            assert_eq!(versions(&history.await.expect("a history")), all);
        }
    }
    // A time of zero is a time.
    let epoch = accounts.history(&1).since(Timestamp::EPOCH);
    assert_eq!(
        versions(&epoch.await.expect("a history")),
        [1, 2, 3, 4, 6, 7]
    );
    let epoch = accounts.history(&1).until(Timestamp::EPOCH);
    assert_eq!(versions(&epoch.await.expect("a history")), [4, 5]);
}

#[tokio::test]
async fn several_bounds_add_up() {
    let accounts = accounts().await;
    let narrow = accounts.history(&1).since(version(2)).until(version(6));
    let narrow = narrow.between(version(1), version(5)).since(version(3));
    let narrow = narrow.until(AsOf::Recorded(at("2026-01-01T00:00:00.000002Z")));
    assert_eq!(versions(&narrow.await.expect("a history")), [3, 4]);
    // The nearer end counts, whichever was given first.
    for (one, other) in [(3, 5), (5, 3)] {
        let until = accounts
            .history(&1)
            .until(version(one))
            .until(version(other));
        assert_eq!(versions(&until.await.expect("a history")), [1, 2, 3]);
        let since = accounts
            .history(&1)
            .since(version(one))
            .since(version(other));
        assert_eq!(versions(&since.await.expect("a history")), [5, 6, 7]);
    }
    let nothing = accounts
        .history(&1)
        .since(version(5))
        .until(version(4))
        .await;
    assert!(
        matches!(nothing, Err(LoadError::Reversed { .. })),
        "{nothing:?}"
    );
    let beyond = accounts
        .history(&1)
        .since(version(8))
        .await
        .expect("a history");
    assert!(beyond.is_empty());
}

#[tokio::test]
async fn a_bare_date_has_its_whole_day_in_it() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let times = [
        "1994-03-29T23:59:59.999999Z",
        "1994-03-30T00:00:00Z",
        "1994-03-30T23:59:59.999999Z",
        "1994-03-31T00:00:00Z",
    ];
    for (cents, time) in (0..).zip(times) {
        let context = Context::new().occurred_at(at(time));
        let account = accounts.within(context);
        match cents {
            0 => account.execute(&1, Open).await.expect("stored"),
            cents => account.execute(&1, Deposit(cents)).await.expect("stored"),
        };
    }
    let from = Timestamp::parse_inclusive_from("1994-03-30").expect("a day");
    let to = Timestamp::parse_inclusive("1994-03-30").expect("a day");
    let day = accounts
        .history(&1)
        .between(from, to)
        .await
        .expect("a history");
    assert_eq!(versions(&day), [2, 3]);
    let from = accounts.history(&1).since(from).await.expect("a history");
    assert_eq!(versions(&from), [2, 3, 4]);
    let to = accounts.history(&1).until(to).await.expect("a history");
    assert_eq!(versions(&to), [1, 2, 3]);
}

#[tokio::test]
async fn every_entry_has_its_envelope_as_it_was_stored_and_the_events_of_today() {
    let accounts = evolved::accounts().await;
    let stored = accounts.store().read_all().await.expect("readable");
    let history = accounts.history(&1).await.expect("a history");
    assert_eq!(history.len(), evolved::past().len());
    for ((entry, stored), (row, parts)) in history.iter().zip(&stored).zip(evolved::past()) {
        assert_eq!(entry.recorded(), stored);
        assert_eq!((entry.name.as_str(), entry.schema_version), (row.0, row.1));
        assert_eq!(entry.events(), parts);
        assert_eq!(
            entry.clone().into_events().into_iter().collect::<Vec<_>>(),
            parts
        );
    }
    let accounts = self::accounts().await;
    let who = accounts
        .history(&1)
        .since(version(6))
        .await
        .expect("a history");
    let who = who
        .iter()
        .map(|entry| entry.actor.as_ref().map(Actor::as_str));
    assert!(who.eq([Some("clerk 4"), Some("clerk 9")]));
}

#[tokio::test]
async fn a_long_history_comes_page_by_page() {
    let accounts = Repository::<Account>::new(MemoryStore::new());
    let mut unit = accounts.begin(&1).await.expect("a unit");
    unit.execute(Open).expect("opened");
    for cents in 1..1_000 {
        unit.execute(Deposit(cents)).expect("deposited");
    }
    unit.commit().await.expect("stored");
    let mut pages = accounts.history(&1).since(version(2)).entries();
    let mut next = 2;
    let mut sizes = Vec::new();
    loop {
        let page = pages.next_page().await.expect("a page");
        if page.is_empty() {
            break;
        }
        sizes.push(page.len());
        for entry in page {
            assert_eq!(entry.version.get(), next);
            next += 1;
        }
    }
    assert_eq!(next, 1_001);
    assert!(
        sizes.len() > 3 && sizes.iter().all(|size| *size <= 256),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn an_aggregate_without_events_has_an_empty_history() {
    let accounts = accounts().await;
    for history in [accounts.history(&2), accounts.history(&2).since(version(3))] {
        assert!(history.await.expect("a history").is_empty());
    }
    assert!(
        accounts
            .history(&2)
            .states()
            .next()
            .await
            .expect("a history")
            .is_none()
    );
}

//! Leases: who holds one, until when, and under which token.

use std::{sync::Arc, time::Duration};

use eventsource_core::{
    Capability, EventStore, Lease, LeaseError, LeaseHolder, LeaseName, LeaseStore, ManualClock,
    Timestamp, fault::FaultPoint,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::suite::{
    bench::{Bench, Open, Store},
    cases::{envelope::HOSTILE, lifecycle::polled},
    fixture::Setup,
    hooks::Armed,
    kit,
};

/// The leases of a store that claims them; a store that does not claim them has none.
pub(crate) fn claimed(store: &Store) -> Option<&dyn LeaseStore> {
    let claimed = store.capabilities().has(Capability::Leases);
    let part = store.leases();
    assert_eq!(
        part.is_some(),
        claimed,
        "a store gives leases exactly where it claims to"
    );
    part
}

/// Of a store that claimed it before.
#[track_caller]
pub(crate) fn leases(store: &Store) -> &dyn LeaseStore {
    claimed(store).expect("it claimed them before")
}

pub(crate) fn lease_name(text: &str) -> LeaseName {
    LeaseName::new(text).expect("a legal name")
}

pub(crate) fn holder(text: &str) -> LeaseHolder {
    LeaseHolder::new(text).expect("a legal name")
}

/// The time of most leases.
pub(crate) const TIME: Duration = Duration::from_secs(10);
/// The same in microseconds.
pub(crate) const MICROS: i64 = 10_000_000;
const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// A store on a clock that stands still, and the clock.
pub(crate) async fn with_clock(bench: &Bench) -> (Open, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(START));
    let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
    (bench.store_with(setup).await, clock)
}

pub(crate) async fn acquire(leases: &dyn LeaseStore, name: &LeaseName, by: &str) -> Lease {
    let taken = leases.acquire_lease(name, &holder(by), TIME).await;
    taken.unwrap_or_else(|error| panic!("`{by}` cannot take the lease: {error:?}"))
}

pub(crate) async fn release(leases: &dyn LeaseStore, lease: &Lease) {
    let given = leases.release_lease(lease).await;
    given.expect("a lease can be given back, whoever has it");
}

async fn find(leases: &dyn LeaseStore, name: &LeaseName) -> Option<Lease> {
    let found = leases.find_lease(name).await;
    found.expect("a lease can be found")
}

/// Another one asks for it in vain, and learns who has it.
async fn assert_held(leases: &dyn LeaseStore, lease: &Lease, when: &str) {
    match leases
        .acquire_lease(&lease.name, &holder("other"), TIME)
        .await
    {
        Err(LeaseError::Held { lease: held }) => assert_eq!(held, *lease, "who has it {when}"),
        other => panic!("a lease that is held {when} is given to another one: {other:?}"),
    }
    assert_eq!(
        find(leases, &lease.name).await.as_ref(),
        Some(lease),
        "{when}"
    );
}

async fn assert_lost(leases: &dyn LeaseStore, lease: &Lease, why: &str) {
    let before = find(leases, &lease.name).await;
    match leases.renew_lease(lease, TIME).await {
        Err(LeaseError::Lost { name, token }) => {
            assert_eq!((name, token), (lease.name.clone(), lease.token));
        }
        other => panic!("a lease that {why} is renewed: {other:?}"),
    }
    release(leases, lease).await;
    let after = find(leases, &lease.name).await;
    assert_eq!(
        after, before,
        "who has lost a lease that {why} changes nothing"
    );
}

/// Contract 18.
pub(crate) async fn x_48_a_lease_has_one_holder_until_it_is_given_back_or_runs_out(bench: Bench) {
    let (store, clock) = with_clock(&bench).await;
    let Some(leases) = claimed(&store) else {
        return;
    };
    let name = lease_name("projection balances");
    let until = |lease: &Lease| lease.until.as_micros() - START.as_micros();
    assert_eq!(find(leases, &name).await, None, "never taken");
    let held = acquire(leases, &name, "one").await;
    assert_eq!((&held.name, &held.holder), (&name, &holder("one")));
    assert_eq!(until(&held), MICROS, "by the store's clock");
    assert_held(leases, &held, "at first").await;
    clock.advance_micros(MICROS - 1);
    assert_held(leases, &held, "up to its last microsecond").await;
    // It is renewed, or asked for again, which is the same.
    let renewed = leases.renew_lease(&held, TIME).await.expect("it is held");
    assert_eq!(until(&renewed), 2 * MICROS - 1, "from now on");
    assert_held(leases, &renewed, "after it was renewed").await;
    clock.advance_micros(1);
    let again = acquire(leases, &name, "one").await;
    assert_eq!(until(&again), 2 * MICROS, "from now on");
    assert_held(leases, &again, "after it was asked for again").await;
    let tokens = [held.token, renewed.token, again.token];
    assert_eq!(tokens, [held.token; 3], "one that is held keeps its token");
    // A shorter time counts as well.
    let short = Duration::from_millis(1);
    let held = leases.renew_lease(&held, short).await.expect("it is held");
    assert_eq!(until(&held), MICROS + 1_000);
    clock.advance_micros(1_000);
    assert_eq!(find(leases, &name).await.as_ref(), Some(&held), "run out");
    // It has run out, but nobody has taken it.
    let held = leases
        .renew_lease(&held, TIME)
        .await
        .expect("nobody has it");
    assert_eq!(
        held.token, again.token,
        "one that is renewed keeps its token"
    );
    assert_held(leases, &held, "after it had run out").await;
    clock.advance_micros(MICROS);
    let other = acquire(leases, &name, "other").await;
    assert!(other.token > held.token, "each taker has a higher token");
    assert_lost(leases, &held, "another one has taken").await;
    assert_eq!(find(leases, &name).await.as_ref(), Some(&other));
    // Given back, it need not run out.
    release(leases, &other).await;
    assert_eq!(find(leases, &name).await, None, "given back");
    assert_lost(leases, &other, "was given back").await;
    let third = acquire(leases, &name, "one").await;
    assert_lost(leases, &other, "was given back and taken").await;
    assert_held(leases, &third, "after it was given back").await;
}

/// Contract 18.
pub(crate) async fn x_49_the_token_of_a_lease_rises_for_ever(bench: Bench) {
    let (store, clock) = with_clock(&bench).await;
    let Some(leases) = claimed(&store) else {
        return;
    };
    let name = lease_name("a");
    let mut last = acquire(leases, &name, "one").await;
    let rises = |next: &Lease, last: &Lease, how: &str| {
        let (next, last) = (next.token, last.token);
        assert!(
            next > last,
            "after it was {how}, {next} is to be above {last}"
        );
    };
    for by in ["one", "other", "other", "one"] {
        release(leases, &last).await;
        let next = acquire(leases, &name, by).await;
        rises(&next, &last, "given back");
        clock.advance_micros(MICROS);
        last = acquire(leases, &name, by).await;
        // Who comes back after a crash must not pass for who he was.
        rises(&last, &next, "left to run out by who takes it");
        let beside = acquire(leases, &lease_name("b"), by).await;
        release(leases, &beside).await;
    }
    // As long as a time can be told.
    for time in [
        Duration::MAX,
        Duration::from_secs(u64::from(u32::MAX) * 1_000_000),
    ] {
        let held = leases.renew_lease(&last, time).await;
        last = held.expect("it is held");
        assert_eq!(last.until, Timestamp::MAX, "the end of time");
    }
    clock.advance_micros(1_000 * MICROS);
    assert_held(leases, &last, "for ever").await;
    let none = leases.renew_lease(&last, Duration::ZERO).await;
    none.expect("it is held");
    let next = acquire(leases, &name, "other").await;
    rises(&next, &last, "renewed for no time at all");
}

/// Contract 12 and 18.
pub(crate) async fn x_50_names_of_leases_and_holders_are_data(bench: Bench) {
    let (store, _clock) = with_clock(&bench).await;
    let Some(leases) = claimed(&store) else {
        return;
    };
    let longest = "\u{e9}".repeat(LeaseName::MAX_BYTES / 2);
    let long = [longest.as_str(), &longest[2..]];
    let alike = ["abc", "ABC", "abc ", " abc", "01", "1", " "];
    let names: Vec<_> = HOSTILE.iter().copied().chain(alike).chain(long).collect();
    let mut all = Vec::new();
    for (name, by) in names.iter().zip(names.iter().rev()) {
        let name = lease_name(name);
        assert_eq!(find(leases, &name).await, None, "`{name}` was never taken");
        all.push(acquire(leases, &name, by).await);
    }
    for ((name, by), lease) in names.iter().zip(names.iter().rev()).zip(&all) {
        assert_eq!((lease.name.as_str(), lease.holder.as_str()), (*name, *by));
        assert_held(leases, lease, "beside many others").await;
    }
    let (first, rest) = all.split_first().expect("there are some");
    release(leases, first).await;
    assert_eq!(find(leases, &first.name).await, None, "given back");
    for lease in rest {
        assert_held(leases, lease, "after another one was given back").await;
    }
}

/// Contract 18.
pub(crate) async fn x_51_of_many_that_want_a_lease_one_has_it(bench: Bench) {
    const WANT: usize = 8;
    let store = bench.store().await;
    if claimed(&store).is_none() {
        return;
    }
    let (another, name) = (store.another().await, lease_name("a"));
    let mut last = None;
    for _ in 0..Bench::times(20, 500) {
        let barrier = Arc::new(Barrier::new(WANT));
        let mut wanting = JoinSet::new();
        for number in 0..WANT {
            let store: &Store = if number % 2 == 0 { &store } else { &another };
            let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
            let (name, holder) = (name.clone(), holder(&number.to_string()));
            wanting.spawn(async move {
                barrier.wait().await;
                // Nobody is as slow as this.
                let time = Duration::from_secs(3_600);
                leases(&store).acquire_lease(&name, &holder, time).await
            });
        }
        let (mut taken, mut held) = (Vec::new(), Vec::new());
        for outcome in wanting.join_all().await {
            match outcome {
                Ok(lease) => taken.push(lease),
                Err(LeaseError::Held { lease }) => held.push(lease),
                Err(error) => panic!("who is late is told so, and not: {error:?}"),
            }
        }
        let [winner] = taken.as_slice() else {
            panic!("of {WANT} one has it, and not: {taken:?}");
        };
        assert!(held.iter().all(|lease| lease == winner), "{held:?}");
        assert!(last < Some(winner.token), "each has a higher token");
        last = Some(winner.token);
        release(leases(&another), winner).await;
    }
}

/// What can be done to a lease.
#[derive(Debug, Clone, Copy)]
enum Change {
    Take,
    TakeOver,
    Renew,
    Release,
}

impl Change {
    const ALL: [Self; 4] = [Self::Take, Self::TakeOver, Self::Renew, Self::Release];

    /// The lease that is to be changed, where there is one.
    async fn prepare(self, leases: &dyn LeaseStore, clock: &ManualClock) -> Option<Lease> {
        let name = lease_name("a");
        match self {
            Self::Take => None,
            Self::TakeOver => {
                let lease = acquire(leases, &name, "one").await;
                clock.advance_micros(MICROS);
                Some(lease)
            }
            Self::Renew | Self::Release => {
                let lease = acquire(leases, &name, "other").await;
                clock.advance_micros(1);
                Some(lease)
            }
        }
    }

    async fn make(self, leases: &dyn LeaseStore, old: Option<&Lease>) -> Result<(), LeaseError> {
        let (name, holder) = (lease_name("a"), holder("other"));
        match (self, old) {
            (Self::Renew, Some(old)) => leases.renew_lease(old, TIME).await.map(drop),
            (Self::Release, Some(old)) => leases.release_lease(old).await,
            _ => leases.acquire_lease(&name, &holder, TIME).await.map(drop),
        }
    }

    /// Whether the lease is as it is after the change; it is as before otherwise, and nothing else.
    async fn is_done(self, store: &Open, clock: &ManualClock, old: Option<&Lease>) -> bool {
        use eventsource_core::Clock as _;
        let there = find(leases(store), &lease_name("a")).await;
        if there.as_ref() == old {
            return false;
        }
        let is_whole = match (self, &there) {
            (Self::Release, None) => true,
            (Self::Take | Self::TakeOver | Self::Renew, Some(lease)) => {
                let token_is_right = match (self, old) {
                    (Self::Renew, Some(old)) => lease.token == old.token,
                    (_, old) => Some(lease.token) > old.map(|old| old.token),
                };
                let until = clock.now().saturating_add_micros(MICROS);
                token_is_right && lease.holder == holder("other") && lease.until == until
            }
            _ => false,
        };
        assert!(is_whole, "{self:?} has left {there:?} of {old:?}");
        true
    }
}

/// Contract 8 and 18.
pub(crate) async fn x_52_a_change_of_a_lease_that_fails_changes_nothing(bench: Bench) {
    if claimed(&*bench.store().await).is_none() {
        return;
    }
    for change in Change::ALL {
        for number in 0.. {
            let (armed, clock) = (Armed::at(number), Arc::new(ManualClock::at(START)));
            let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
            let setup = setup.with_faults(Arc::new(armed.script()));
            let store = bench.store_with(setup).await;
            let old = change.prepare(leases(&store), &clock).await;
            armed.arm();
            let outcome = change.make(leases(&store), old.as_ref()).await;
            let struck = armed.struck();
            let is_done = change.is_done(&store, &clock, old.as_ref()).await;
            match (struck, &outcome) {
                (Some(FaultPoint::AfterCommit), Err(LeaseError::Unknown(_))) => {
                    assert!(is_done, "{change:?} was done, and nobody was told");
                }
                (Some(_), Err(LeaseError::Unavailable { .. } | LeaseError::Engine { .. })) => {
                    assert!(!is_done, "{change:?} has failed: {outcome:?}");
                }
                (None, Ok(())) => {
                    assert!(
                        number >= 2,
                        "a store asks its fault hook at two points at the least"
                    );
                    assert!(is_done, "{change:?} was done");
                    break;
                }
                _ => panic!("{change:?}: a failure at {struck:?} ends in {outcome:?}"),
            }
            // Doing it again does no harm, and the store is usable.
            let again = change.make(leases(&store), old.as_ref()).await;
            again.unwrap_or_else(|error| panic!("{change:?}, again: {error:?}"));
            assert!(change.is_done(&store, &clock, old.as_ref()).await);
            kit::put(&store, &kit::stream("1"), 0..1).await;
        }
    }
}

/// Contract 13 and 18.
pub(crate) async fn x_53_a_dropped_change_of_a_lease_is_done_whole_or_not_at_all(bench: Bench) {
    if claimed(&*bench.store().await).is_none() {
        return;
    }
    for change in Change::ALL {
        for times in 0.. {
            let (store, clock) = with_clock(&bench).await;
            let old = change.prepare(leases(&store), &clock).await;
            let ended = polled(times, change.make(leases(&store), old.as_ref())).await;
            let mut was_done = ended.is_some();
            for _ in 0..3 {
                let is_done = change.is_done(&store, &clock, old.as_ref()).await;
                assert!(is_done || !was_done, "{change:?} was done and is undone");
                was_done |= is_done;
            }
            if let Some(outcome) = ended {
                outcome.unwrap_or_else(|error| panic!("{change:?} fails: {error:?}"));
                break;
            }
        }
    }
}

use super::*;

const NOON: i64 = 12 * 60 * 60 * 1_000_000;

/// After a save of one event: version 10, folded from the first event on, no snapshot before.
fn saved() -> Moment {
    Moment {
        version: version(10),
        last: None,
        replayed: 9,
        is_saved: true,
        now: at(NOON),
    }
}

fn loaded() -> Moment {
    Moment {
        is_saved: false,
        ..saved()
    }
}

/// The same with a snapshot at a version, so many seconds before.
fn with_last(moment: Moment, last: u64, seconds: i64) -> Moment {
    Moment {
        last: Some((version(last), at(NOON - seconds * 1_000_000))),
        ..moment
    }
}

fn version(number: u64) -> Version {
    Version::new(number).unwrap()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

#[test]
fn every_counts_the_events_beyond_the_last_snapshot() {
    let policy = every(4);
    assert!(!policy.is_due(&with_last(saved(), 7, 0)), "three beyond");
    assert!(policy.is_due(&with_last(saved(), 6, 0)), "exactly four");
    assert!(
        policy.is_due(&with_last(saved(), 5, 0)),
        "a batch went over it"
    );
    assert!(
        !policy.is_due(&with_last(loaded(), 1, 0)),
        "nothing was saved"
    );
}

#[test]
fn every_counts_from_the_first_event_where_there_is_no_snapshot() {
    assert!(every(10).is_due(&saved()));
    assert!(!every(11).is_due(&saved()));
    assert!(!every(u64::MAX).is_due(&saved()));
}

#[test]
fn every_zero_events_is_every_event() {
    assert_eq!(every(0), every(1));
    assert!(every(0).is_due(&with_last(saved(), 9, 0)));
    assert!(
        !every(0).is_due(&with_last(saved(), 10, 0)),
        "it is there already"
    );
}

#[test]
fn after_looks_at_the_age_of_the_last_snapshot() {
    let policy = after(Duration::from_secs(60));
    assert!(policy.is_due(&saved()), "there is none");
    assert!(!policy.is_due(&with_last(saved(), 1, 59)));
    assert!(policy.is_due(&with_last(saved(), 1, 60)), "exactly");
    assert!(policy.is_due(&with_last(saved(), 1, 61)));
    assert!(
        !policy.is_due(&with_last(loaded(), 1, 61)),
        "nothing was saved"
    );
    assert!(
        !policy.is_due(&with_last(saved(), 10, 61)),
        "no event since"
    );
}

#[test]
fn after_no_time_is_after_each_save() {
    let policy = after(Duration::ZERO);
    assert!(policy.is_due(&with_last(saved(), 1, 0)));
    assert!(!policy.is_due(&with_last(loaded(), 1, 0)));
}

#[test]
fn a_clock_that_went_back_makes_no_snapshot_old() {
    let policy = after(Duration::from_secs(60));
    assert!(!policy.is_due(&with_last(saved(), 1, -1)));
    assert!(!policy.is_due(&with_last(saved(), 1, -3600)));
    assert!(!after(Duration::ZERO).is_due(&with_last(saved(), 1, -1)));
    // What counts events does not look at the clock.
    assert!(every(4).is_due(&with_last(saved(), 1, -3600)));
}

#[test]
fn no_age_is_too_old_or_too_long_to_be_counted() {
    let oldest = Moment {
        last: Some((version(1), Timestamp::MIN)),
        now: Timestamp::MAX,
        ..saved()
    };
    assert!(after(Duration::from_secs(60)).is_due(&oldest));
    assert!(!after(Duration::MAX).is_due(&oldest));
}

#[test]
fn each_save_is_each_save_that_brought_something() {
    let policy = on_each_save();
    assert!(policy.is_due(&saved()));
    assert!(policy.is_due(&with_last(saved(), 9, 0)));
    assert!(!policy.is_due(&with_last(saved(), 10, 0)));
    assert!(!policy.is_due(&loaded()));
}

#[test]
fn replayed_more_than_looks_at_the_load_alone() {
    assert!(replayed_more_than(8).is_due(&loaded()));
    assert!(replayed_more_than(8).is_due(&saved()));
    assert!(!replayed_more_than(9).is_due(&loaded()), "exactly as many");
    assert!(replayed_more_than(0).is_due(&Moment {
        replayed: 1,
        ..loaded()
    }));
    assert!(!replayed_more_than(0).is_due(&Moment {
        replayed: 0,
        ..loaded()
    }));
    assert!(!replayed_more_than(u64::MAX).is_due(&loaded()));
}

#[test]
fn never_is_never() {
    assert!(!never().is_due(&saved()));
    assert!(!never().is_due(&loaded()));
}

#[test]
fn or_is_one_or_the_other() {
    let policy = every(5).or(after(Duration::from_secs(60)));
    assert!(!policy.is_due(&with_last(saved(), 6, 59)), "neither");
    assert!(policy.is_due(&with_last(saved(), 5, 59)), "the first");
    assert!(policy.is_due(&with_last(saved(), 6, 60)), "the second");
    assert!(policy.is_due(&with_last(saved(), 5, 60)), "both");
    let policy = policy.or(replayed_more_than(8));
    assert!(policy.is_due(&with_last(loaded(), 6, 59)), "the third");
    assert_eq!(never().or(every(5)), every(5).or(never()));
    assert!(every(5).or(never()).is_due(&saved()));
}

#[test]
fn there_is_no_second_snapshot_of_one_version() {
    let all = every(1)
        .or(after(Duration::ZERO))
        .or(on_each_save())
        .or(replayed_more_than(0));
    assert!(all.is_due(&with_last(saved(), 9, 60)));
    assert!(!all.is_due(&with_last(saved(), 10, 60)));
    // One that is ahead is that of another history: nothing is beyond it.
    assert!(!all.is_due(&with_last(saved(), 11, 60)));
    assert!(!all.is_due(&with_last(saved(), u64::MAX, 60)));
}

#[test]
fn the_first_event_can_be_kept() {
    let first = Moment {
        version: version(1),
        replayed: 0,
        ..saved()
    };
    assert!(every(1).is_due(&first));
    assert!(!every(2).is_due(&first));
    assert!(on_each_save().is_due(&first));
}

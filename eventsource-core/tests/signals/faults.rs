//! Conflicts, and appends of which the store does not say whether it has stored them.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use eventsource_core::{
    Append, AppendKey, EventId, EventName, IdSource, NewEvent, RetryPolicy, StoredPayload, Timer,
    UuidV7, prelude::*,
};
use eventsource_testing::faulty::{Fault, Injection};
use expect_test::expect;

use crate::{
    domain::{Hide, SECRET, stream, vaults},
    seen::{Seen, watch},
};

/// What another writer hides.
pub(crate) fn rival(vault: u64) -> Append {
    let event = NewEvent::new(
        EventId::new(UuidV7.next_id()),
        EventName::new("vault.hidden").expect("a legal name"),
        1,
        StoredPayload::json(format!("{{\"secret\":\"{SECRET} of another\"}}").as_bytes()),
        Timestamp::EPOCH,
    );
    Append::to(stream(vault), Expected::Any, [event])
}

pub(crate) fn conflicts() -> Seen {
    let (vaults, store) = vaults();
    let ((), seen) = watch(async {
        for _ in 0..5 {
            store.inject(Fault::rival(rival(1)));
        }
        vaults
            .execute(&1, Hide(2))
            .await
            .expect("the sixth attempt");
        // The store says so, and the stream is as it was.
        let once = vaults.clone().with_retry(RetryPolicy::never());
        store.inject(Fault::Conflict);
        once.execute(&1, Hide(1)).await.expect_err("given up");
        store.inject(Fault::Reject);
        vaults
            .execute(&1, Hide(1))
            .await
            .expect_err("refused by the store");
    });
    let injected = store.injected();
    let conflicts = injected.rivals + injected.conflicts;
    assert_eq!(seen.count("eventsource_conflicts_total"), conflicts);
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=2 outcome=stored stream=vault-1 version=7
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=conflict stream=vault-1
          - DEBUG eventsource.conflict actual=1 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=1 command_id=01 correlation_id=01 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=2 events=2 stream=vault-1 version=1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=conflict stream=vault-1 version=1
          - DEBUG eventsource.conflict actual=2 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=2 command_id=01 correlation_id=01 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=3 events=2 stream=vault-1 version=2
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=conflict stream=vault-1 version=2
          - DEBUG eventsource.conflict actual=3 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=3 command_id=01 correlation_id=01 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=4 events=2 stream=vault-1 version=3
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=conflict stream=vault-1 version=3
          - DEBUG eventsource.conflict actual=4 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=4 command_id=01 correlation_id=01 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=5 events=2 stream=vault-1 version=4
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=conflict stream=vault-1 version=4
          - DEBUG eventsource.conflict actual=5 aggregate=vault stream=vault-1
          - WARN eventsource.retry aggregate=vault attempt=5 command_id=01 correlation_id=01 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=6 events=2 stream=vault-1 version=5
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=stored stream=vault-1 version=5
        + DEBUG eventsource.execute aggregate=vault causation_id=0e command_id=0e correlation_id=0e outcome=conflict stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=7 replayed=7 stream=vault-1 version=7
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=7
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=conflict stream=vault-1 version=7
          - DEBUG eventsource.conflict actual=7 aggregate=vault stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=10 command_id=10 correlation_id=10 outcome=failed stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=7 replayed=7 stream=vault-1 version=7
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=7
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=rejected stream=vault-1 version=7
        eventsource_append_seconds aggregate=vault: 8 times
        eventsource_appended_events_total aggregate=vault: 2
        eventsource_conflicts_total aggregate=vault: 6
        eventsource_read_events_total aggregate=vault: 14
        eventsource_replayed_events aggregate=vault: [0.0, 7.0, 7.0]
        eventsource_retries_total aggregate=vault: 5
    "#]])
}

pub(crate) fn unknown_outcomes() -> Seen {
    let (vaults, store) = vaults();
    let ((), seen) = watch(async {
        store.inject(Fault::FailAfterCommit);
        vaults
            .execute(&1, Hide(2))
            .await
            .expect("stored the first time");
        store.inject(Fault::LoseRequest);
        vaults
            .execute(&1, Hide(2))
            .await
            .expect("stored the second time");
        // Another writer comes before the second time.
        store.inject(Fault::LoseRequest);
        store.inject(Fault::rival(rival(1)));
        vaults
            .execute(&1, Hide(2))
            .await
            .expect("decided once more");
        // Another attempt of the same command comes before the second time.
        let key = AppendKey::new("payday").expect("a legal key");
        store.inject(Fault::LoseRequest);
        store.inject(Fault::rival(rival(1).with_key(key.clone())));
        let mine = vaults.within(Context::new().with_key(key));
        let receipt = mine.execute(&1, Hide(2)).await.expect("stored by another");
        assert!(!receipt.is_first());
        let twice = vaults
            .clone()
            .with_retry(RetryPolicy::default().with_attempts(2));
        store.inject(Injection::new(Fault::LoseRequest).times(3));
        twice.execute(&1, Hide(2)).await.expect_err("nobody knows");
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=2 outcome=stored stream=vault-1 version=2
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=unknown stream=vault-1
          - WARN eventsource.outcome_unknown aggregate=vault attempt=1 command_id=01 correlation_id=01 error=the answer was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=2 events=2 outcome=conflict stream=vault-1
          - INFO eventsource.outcome_settled aggregate=vault command_id=01 correlation_id=01 outcome=stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=04 command_id=04 correlation_id=04 events=2 outcome=stored stream=vault-1 version=4
          + DEBUG eventsource.load aggregate=vault origin=beginning read=2 replayed=2 stream=vault-1 version=2
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1 version=2
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=unknown stream=vault-1 version=2
          - WARN eventsource.outcome_unknown aggregate=vault attempt=1 command_id=04 correlation_id=04 error=the request was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=2 events=2 outcome=stored stream=vault-1 version=2
          - INFO eventsource.outcome_settled aggregate=vault command_id=04 correlation_id=04 outcome=stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=07 command_id=07 correlation_id=07 events=2 outcome=stored stream=vault-1 version=7
          + DEBUG eventsource.load aggregate=vault origin=beginning read=4 replayed=4 stream=vault-1 version=4
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1 version=4
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=unknown stream=vault-1 version=4
          - WARN eventsource.outcome_unknown aggregate=vault attempt=1 command_id=07 correlation_id=07 error=the request was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=2 events=2 outcome=conflict stream=vault-1 version=4
          - INFO eventsource.outcome_settled aggregate=vault command_id=07 correlation_id=07 outcome=not_stored stream=vault-1
          - DEBUG eventsource.conflict actual=5 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=1 command_id=07 correlation_id=07 delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=2 events=2 stream=vault-1 version=5
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=stored stream=vault-1 version=5
        + DEBUG eventsource.execute aggregate=vault causation_id=0c command_id=0c correlation_id=0c events=1 outcome=already_stored stream=vault-1 version=8
          + DEBUG eventsource.load aggregate=vault origin=beginning read=7 replayed=7 stream=vault-1 version=7
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1 version=7
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=unknown stream=vault-1 version=7
          - WARN eventsource.outcome_unknown aggregate=vault attempt=1 command_id=0c correlation_id=0c error=the request was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=2 events=2 outcome=rejected stream=vault-1 version=7
          - INFO eventsource.outcome_settled aggregate=vault command_id=0c correlation_id=0c outcome=already_stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=0f command_id=0f correlation_id=0f outcome=unknown stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=8 replayed=8 stream=vault-1 version=8
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1 version=8
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=unknown stream=vault-1 version=8
          - WARN eventsource.outcome_unknown aggregate=vault attempt=1 command_id=0f correlation_id=0f error=the request was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=2 events=2 outcome=unknown stream=vault-1 version=8
          - WARN eventsource.outcome_unknown aggregate=vault attempt=2 command_id=0f correlation_id=0f error=the request was lost on purpose stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=3 events=2 outcome=unknown stream=vault-1 version=8
          - WARN eventsource.outcome_settled aggregate=vault command_id=0f correlation_id=0f outcome=unknown stream=vault-1
        eventsource_append_seconds aggregate=vault: 12 times
        eventsource_appended_events_total aggregate=vault: 6
        eventsource_conflicts_total aggregate=vault: 1
        eventsource_read_events_total aggregate=vault: 24
        eventsource_replayed_events aggregate=vault: [0.0, 2.0, 4.0, 7.0, 8.0]
        eventsource_retries_total aggregate=vault: 1
        eventsource_settled_outcomes_total aggregate=vault outcome=already_stored: 1
        eventsource_settled_outcomes_total aggregate=vault outcome=not_stored: 1
        eventsource_settled_outcomes_total aggregate=vault outcome=stored: 2
        eventsource_settled_outcomes_total aggregate=vault outcome=unknown: 1
        eventsource_unknown_outcomes_total aggregate=vault: 5
    "#]])
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

#[test]
fn conflicts_and_retries_are_told_and_from_the_fifth_on_as_warnings() {
    conflicts();
}

#[test]
fn an_unknown_outcome_is_told_and_how_it_ended() {
    unknown_outcomes();
}

#[test]
fn a_retry_tells_how_long_it_waits() {
    let (vaults, store) = vaults();
    let timer = Arc::new(Noting::default());
    let waiting: Arc<dyn Timer> = Arc::<Noting>::clone(&timer);
    let second = Duration::from_secs(1);
    let vaults = vaults
        .with_timer(waiting)
        .with_retry(RetryPolicy::default().with_delays(second, 8 * second));
    let ((), seen) = watch(async {
        for _ in 0..3 {
            store.inject(Fault::rival(rival(1)));
        }
        vaults
            .execute(&1, Hide(1))
            .await
            .expect("the fourth attempt");
    });
    let waits = timer.0.lock().expect("not poisoned").clone();
    let waits: Vec<_> = waits
        .iter()
        .map(|wait| wait.as_millis().to_string())
        .collect();
    assert_eq!(waits.len(), 3);
    assert_eq!(seen.field("eventsource.retry", "delay_ms"), waits);
}

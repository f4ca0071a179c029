//! Commands that come to an end without anything going wrong.

use eventsource_core::{CommandId, CorrelationId, CountingIds, IdSource, Read, prelude::*};
use expect_test::expect;

use crate::{
    domain::{Hidden, Hide, Vault, vaults},
    seen::{Seen, watch},
};

pub(crate) fn commands() -> Seen {
    let (vaults, _) = vaults();
    let (stored, seen) = watch(async {
        let ids = CountingIds::from(64);
        let mut context = Context::new().with_command_id(CommandId::new(ids.next_id()));
        context.correlation_id = Some(CorrelationId::new(ids.next_id()));
        context.causation_id = Some(CommandId::new(ids.next_id()).into());
        let mine = vaults.within(context);
        mine.execute(&1, Hide(3)).await.expect("hidden");
        // The same command once more, one that has nothing to do, and one that is refused.
        mine.execute(&1, Hide(3)).await.expect("hidden already");
        vaults.execute(&1, Hide(0)).await.expect("nothing to hide");
        vaults.execute(&1, Hide(98)).await.expect_err("too many");
        let vault = vaults.load(&1).await.expect("the vault");
        let history = vaults.load_as_of(&1, AsOf::Version(Version::FIRST)).await;
        assert_eq!(history.expect("the vault").secrets.len(), 1);
        let event = vaults.store().read(Read::all()).collect().await;
        (vault.secrets.len(), event.expect("events").remove(0))
    });
    // What the spans say of the command stands in its events.
    let (secrets, event) = stored;
    assert_eq!(secrets, 3);
    let said = |field| seen.field("eventsource.execute", field)[0].to_owned();
    assert_eq!(
        event.correlation_id.map(|id| id.to_string()),
        Some(said("correlation_id"))
    );
    assert_eq!(
        event.causation_id.map(|id| id.to_string()),
        Some(said("causation_id"))
    );
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=42 command_id=40 correlation_id=41 events=3 outcome=stored stream=vault-1 version=3
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=3 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=3 outcome=stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=42 command_id=40 correlation_id=41 events=3 outcome=already_stored stream=vault-1 version=3
        + DEBUG eventsource.execute aggregate=vault causation_id=04 command_id=04 correlation_id=04 events=0 outcome=nothing stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=3 replayed=3 stream=vault-1 version=3
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=0 stream=vault-1 version=3
        + DEBUG eventsource.execute aggregate=vault causation_id=05 command_id=05 correlation_id=05 outcome=refused stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=3 replayed=3 stream=vault-1 version=3
          + DEBUG eventsource.decide aggregate=vault attempt=1 stream=vault-1 version=3
            - DEBUG eventsource.refused aggregate=vault refusal=signals::domain::Full stream=vault-1
        + DEBUG eventsource.load aggregate=vault origin=beginning read=3 replayed=3 stream=vault-1 version=3
        + DEBUG eventsource.load aggregate=vault origin=beginning read=1 replayed=1 stream=vault-1 version=1
        eventsource_append_seconds aggregate=vault: 1 times
        eventsource_appended_events_total aggregate=vault: 3
        eventsource_read_events_total aggregate=vault: 10
        eventsource_refused_decisions_total aggregate=vault: 1
        eventsource_replayed_events aggregate=vault: [0.0, 3.0, 3.0, 3.0, 1.0]
    "#]])
}

pub(crate) fn cached() -> Seen {
    let (vaults, _) = vaults();
    let ((), seen) = watch(async {
        let cached = vaults.clone().cache(10);
        cached.execute(&1, Hide(2)).await.expect("hidden");
        cached.execute(&1, Hide(1)).await.expect("hidden");
        // Another one goes on. The cache lies behind, which costs a conflict, and then what is missing is read.
        vaults.execute(&1, Hide(4)).await.expect("hidden");
        cached.execute(&1, Hide(1)).await.expect("hidden");
        vaults.execute(&1, Hide(5)).await.expect("hidden");
        assert_eq!(cached.load(&1).await.expect("the vault").secrets.len(), 13);
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=2 outcome=stored stream=vault-1 version=2
          - TRACE eventsource.cache_miss aggregate=vault stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=2 outcome=stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=04 command_id=04 correlation_id=04 events=1 outcome=stored stream=vault-1 version=3
          - TRACE eventsource.cache_hit aggregate=vault stream=vault-1 version=2
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=2
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1 version=2
        + DEBUG eventsource.execute aggregate=vault causation_id=06 command_id=06 correlation_id=06 events=4 outcome=stored stream=vault-1 version=7
          + DEBUG eventsource.load aggregate=vault origin=beginning read=3 replayed=3 stream=vault-1 version=3
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=4 stream=vault-1 version=3
          + DEBUG eventsource.append aggregate=vault attempt=1 events=4 outcome=stored stream=vault-1 version=3
        + DEBUG eventsource.execute aggregate=vault causation_id=0b command_id=0b correlation_id=0b events=1 outcome=stored stream=vault-1 version=8
          - TRACE eventsource.cache_hit aggregate=vault stream=vault-1 version=3
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=3
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=conflict stream=vault-1 version=3
          - DEBUG eventsource.conflict actual=7 aggregate=vault stream=vault-1
          - DEBUG eventsource.retry aggregate=vault attempt=1 command_id=0b correlation_id=0b delay_ms=0 stream=vault-1
          + DEBUG eventsource.decide aggregate=vault attempt=2 events=1 stream=vault-1 version=7
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1 version=7
        + DEBUG eventsource.execute aggregate=vault causation_id=0e command_id=0e correlation_id=0e events=5 outcome=stored stream=vault-1 version=13
          + DEBUG eventsource.load aggregate=vault origin=beginning read=8 replayed=8 stream=vault-1 version=8
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=5 stream=vault-1 version=8
          + DEBUG eventsource.append aggregate=vault attempt=1 events=5 outcome=stored stream=vault-1 version=8
        - TRACE eventsource.cache_hit aggregate=vault stream=vault-1 version=8
        + DEBUG eventsource.catch_up aggregate=vault read=6 replayed=5 stream=vault-1 version=13
        eventsource_append_seconds aggregate=vault: 6 times
        eventsource_appended_events_total aggregate=vault: 13
        eventsource_cache_hits_total aggregate=vault: 3
        eventsource_cache_misses_total aggregate=vault: 1
        eventsource_conflicts_total aggregate=vault: 1
        eventsource_read_events_total aggregate=vault: 17
        eventsource_replayed_events aggregate=vault: [0.0, 3.0, 8.0, 5.0]
        eventsource_retries_total aggregate=vault: 1
    "#]])
}

pub(crate) fn units() -> Seen {
    let (vaults, _) = vaults();
    let ((), seen) = watch(async {
        let mut unit = vaults.begin(&1).await.expect("begun");
        unit.execute(Hide(2)).expect("accepted");
        unit.execute(Hide(99)).expect_err("too many");
        unit.execute(Hide(1)).expect("accepted");
        unit.commit().await.expect("stored");
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
        + DEBUG eventsource.decide aggregate=vault attempt=1 events=2 stream=vault-1
        + DEBUG eventsource.decide aggregate=vault attempt=1 stream=vault-1 version=2
          - DEBUG eventsource.refused aggregate=vault refusal=signals::domain::Full stream=vault-1
        + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1 version=2
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=3 outcome=stored stream=vault-1 version=3
          + DEBUG eventsource.append aggregate=vault attempt=1 events=3 outcome=stored stream=vault-1
        eventsource_append_seconds aggregate=vault: 1 times
        eventsource_appended_events_total aggregate=vault: 3
        eventsource_refused_decisions_total aggregate=vault: 1
        eventsource_replayed_events aggregate=vault: [0.0]
    "#]])
}

pub(crate) fn two_vaults() -> Seen {
    let (vaults, _) = vaults();
    let ((), seen) = watch(async {
        let moved = vaults.decide_both(&1, &2, |_: &Vault, _: &Vault| {
            let secret = crate::domain::SECRET.to_owned();
            Ok::<_, std::convert::Infallible>((Events::none(), Hidden { secret }.into()))
        });
        moved.await.expect("stored");
        let refused = vaults.decide_both(&1, &2, |_: &Vault, _: &Vault| {
            Err::<(Events<Vault>, Events<Vault>), _>(crate::domain::SECRET)
        });
        refused.await.expect_err("refused");
    });
    seen.is(&expect![[r#"
        + DEBUG eventsource.execute aggregate=vault causation_id=01 command_id=01 correlation_id=01 events=1 outcome=stored stream=vault-1 version=1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-2
          + DEBUG eventsource.decide aggregate=vault attempt=1 events=1 stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=1 outcome=stored stream=vault-1
        + DEBUG eventsource.execute aggregate=vault causation_id=03 command_id=03 correlation_id=03 outcome=refused stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=0 replayed=0 stream=vault-1
          + DEBUG eventsource.load aggregate=vault origin=beginning read=1 replayed=1 stream=vault-2 version=1
          + DEBUG eventsource.decide aggregate=vault attempt=1 stream=vault-1
            - DEBUG eventsource.refused aggregate=vault refusal=&str stream=vault-1
          + DEBUG eventsource.append aggregate=vault attempt=1 events=0 outcome=stored stream=vault-1
        eventsource_append_seconds aggregate=vault: 2 times
        eventsource_appended_events_total aggregate=vault: 1
        eventsource_read_events_total aggregate=vault: 1
        eventsource_refused_decisions_total aggregate=vault: 1
        eventsource_replayed_events aggregate=vault: [0.0, 0.0, 0.0, 1.0]
    "#]])
}

#[test]
fn commands_are_told_as_they_were() {
    commands();
}

#[test]
fn what_the_cache_has_is_told() {
    cached();
}

#[test]
fn a_unit_of_work_tells_each_decision() {
    units();
}

#[test]
fn a_decision_over_two_vaults_is_one() {
    two_vaults();
}

#[test]
fn spans_of_work_that_waits_hold_no_other_work() {
    use eventsource_testing::faulty::{Fault, Hold, Injection};

    let (vaults, store) = vaults();
    let hold = Hold::new();
    store.inject(Injection::new(Fault::Delay(hold.clone())).on(crate::domain::stream(1)));
    let ((), seen) = watch(async {
        let waiting = vaults.execute(&1, Hide(1));
        let other = async {
            hold.holds(1).await;
            vaults.execute(&2, Hide(1)).await.expect("hidden");
            hold.let_go();
        };
        let (waited, ()) = tokio::join!(waiting, other);
        waited.expect("hidden");
    });
    for told in &seen.told {
        let stream = &told.fields["stream"];
        match told.parent {
            Some(parent) => assert_eq!(&seen.told[parent].fields["stream"], stream),
            None => assert_eq!(told.name, "eventsource.execute"),
        }
    }
    let ends: Vec<_> = seen
        .of("eventsource.append")
        .iter()
        .map(|told| told.fields["outcome"].clone())
        .collect();
    assert_eq!(ends, ["stored", "stored"]);
}

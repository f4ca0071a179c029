//! An aggregate lists events of another crate, which knows nothing of it; that crate lists them, too.

use derive_ui::{Account, AccountEvent, Opened, money::Deposited};
use eventsource_core::{AggregateEvent, prelude::*};

#[derive(Debug, Default, PartialEq, Aggregate)]
#[aggregate(
    name = "statistics",
    id = u64,
    error = std::convert::Infallible,
    events(Opened, Deposited)
)]
struct Statistics {
    opened: u32,
    deposits: u32,
}

impl Apply<Opened> for Statistics {
    fn apply(&mut self, _: &Opened) {
        self.opened += 1;
    }
}

impl Apply<Deposited> for Statistics {
    fn apply(&mut self, _: &Deposited) {
        self.deposits += 1;
    }
}

fn opened() -> Opened {
    Opened {
        owner: "ann".to_owned(),
    }
}

#[test]
fn an_event_of_another_crate_converts_into_each_aggregate_that_lists_it() {
    let here: Events<Statistics> = (opened(), [Deposited(5), Deposited(7)]).into();
    let there: Events<Account> = (opened(), Some(Deposited(5))).into();
    assert_eq!((here.len(), there.len()), (3, 2));

    let mut state = Statistics::initial();
    for event in here {
        Statistics::fold(&mut state, &event).unwrap();
    }
    let expected = Statistics {
        opened: 1,
        deposits: 2,
    };
    assert_eq!(state, Some(expected));
}

#[test]
fn what_the_one_stores_the_other_reads() {
    let mut stored = Vec::new();
    AccountEvent::from(Deposited(5))
        .encode(&mut stored)
        .unwrap();
    let read = StatisticsEvent::decode("account.deposited", 1, &stored).unwrap();
    assert!(matches!(
        read.as_slice(),
        [StatisticsEvent::Deposited(Deposited(5))]
    ));
}

//! The account with a past, as an aggregate that an event creates.

use std::convert::Infallible;

use eventsource_core::{Snapshot, prelude::*};
use serde::{Deserialize, Serialize};

use crate::evolved::{Deposit, Deposited, Opened, deposited, legacy};

fn split(old: legacy::OpenedFunded) -> Vec<ChestEvent> {
    let parts = legacy::split(old).into_iter();
    parts.map(as_chest).collect()
}

fn as_chest(event: crate::evolved::AccountEvent) -> ChestEvent {
    match event {
        crate::evolved::AccountEvent::Opened(opened) => opened.into(),
        crate::evolved::AccountEvent::Deposited(deposited) => deposited.into(),
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(
    name = "chest",
    id = u64,
    error = Infallible,
    created_by = Opened,
    events(Opened, Deposited),
    retired("account.opened_funded", from = legacy::OpenedFunded, into = split),
    retired("account.viewed", from = legacy::Viewed, into = |_| []),
    retired("account.merged", from = legacy::Merged, into = |old| -> Vec<ChestEvent> {
        old.all.into_iter().map(|cents| as_chest(deposited(cents, "EUR"))).collect()
    }),
    event_derives(Clone, PartialEq),
)]
pub(crate) struct Chest {
    owner: String,
    deposits: Vec<(i64, String)>,
}

impl Create<Opened> for Chest {
    fn create(event: &Opened) -> Self {
        Self {
            owner: event.owner.clone(),
            deposits: Vec::new(),
        }
    }
}

impl Apply<Deposited> for Chest {
    fn apply(&mut self, event: &Deposited) {
        self.deposits.push((event.cents, event.currency.clone()));
    }
}

impl Handle<Deposit> for Chest {
    fn handle(&self, command: &Deposit) -> Decision<Self> {
        Ok(as_chest(deposited(command.0, "CZK")).into())
    }
}

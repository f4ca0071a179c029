//! A vault: an aggregate whose every value is a secret.

use std::sync::Arc;

use eventsource_core::{CountingIds, MemoryStore, RetryPolicy, Timer, prelude::*};
use eventsource_testing::faulty::FaultyStore;
use serde::{Deserialize, Serialize};
use std::{future::Future, pin::Pin, time::Duration};

/// Stands in every value of the domain, and must stand in no signal.
pub(crate) const SECRET: &str = "XYZZY";

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(name = "vault.hidden")]
pub(crate) struct Hidden {
    pub(crate) secret: String,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the vault has no place for {secret}")]
pub(crate) struct Full {
    pub(crate) secret: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Aggregate, Snapshot)]
#[aggregate(name = "vault", id = u64, error = Full, events(Hidden))]
pub(crate) struct Vault {
    pub(crate) secrets: Vec<String>,
}

impl Apply<Hidden> for Vault {
    fn apply(&mut self, event: &Hidden) {
        self.secrets.push(event.secret.clone());
    }
}

/// Hides so many secrets, if there are no more than 100 of them then.
#[derive(Debug)]
pub(crate) struct Hide(pub(crate) usize);

impl Handle<Hide> for Vault {
    fn handle(&self, command: &Hide) -> Decision<Self> {
        if self.secrets.len() + command.0 > 100 {
            let secret = SECRET.to_owned();
            return Err(Full { secret });
        }
        let hidden = (0..command.0).map(|number| Hidden {
            secret: format!("{SECRET} {number}"),
        });
        Ok(hidden.collect::<Vec<_>>().into())
    }
}

pub(crate) type Store = FaultyStore<MemoryStore>;

/// The vaults of an empty store which can be told to fail. Ids are counted, and nothing is waited for.
pub(crate) fn vaults() -> (Repository<Vault>, Store) {
    let store = FaultyStore::new(MemoryStore::new());
    let vaults = Repository::new(store.clone())
        .with_ids(Arc::new(CountingIds::default()))
        .with_retry(RetryPolicy::default().with_delays(Duration::ZERO, Duration::ZERO))
        .with_timer(Arc::new(AtOnce));
    (vaults, store)
}

pub(crate) fn stream(vault: u64) -> StreamId {
    StreamId::new("vault", vault.to_string()).expect("a legal stream")
}

/// Does not wait.
#[derive(Debug)]
struct AtOnce;

impl Timer for AtOnce {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

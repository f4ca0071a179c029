//! The bank: a store, and the accounts in it.

use std::{fmt, future::Future, sync::Arc};

use anyhow::{Context as _, Result};
use eventsource_core::{Category, EventsOf, Keep, Read, Recorded, RetryPolicy, prelude::*};
use tokio::{sync::Mutex, task::JoinSet};

use crate::{
    account::{AccountId, Opened},
    bank_account::BankAccount,
};

/// Any store: the bank does not ask which.
pub type Store = Arc<dyn EventStore>;

/// How many accounts are worked on at once. A store that syncs several appends at once needs several to be under way.
const TASKS: usize = 64;

/// How many accounts are kept as they were last seen.
const CACHED: usize = 10_000;

/// A bank in a store. Clones are handles on the same.
#[derive(Clone)]
pub struct Bank {
    /// The store.
    pub store: Store,
    /// The accounts in it.
    pub accounts: Repository<BankAccount>,
}

impl Bank {
    /// The bank in `store`.
    pub fn new(store: Store) -> Self {
        // One task works on one account, so a conflict means that another process does the same work at this moment.
        let retry = RetryPolicy::default().with_attempts(1_000);
        // All snapshots are kept: whoever asks for a past state finds one near it.
        let accounts = Repository::new(Arc::clone(&store))
            .with_retry(retry)
            .cache(CACHED)
            .snapshot(every(100))
            .keep_snapshots(Keep::All);
        Self { store, accounts }
    }

    /// A read of these events of all accounts, under whatever name they were stored.
    ///
    /// # Errors
    ///
    /// When the category is none that can be stored.
    pub fn read<E: EventsOf<BankAccount>>(&self) -> Result<Read> {
        let category = Category::of::<BankAccount>()?;
        Ok(Read::category(category).typed::<BankAccount, E>())
    }

    /// Calls `see` with each event of a read, in order.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or `see` fails.
    pub async fn each_event(
        &self,
        read: Read,
        mut see: impl FnMut(&Recorded) -> Result<()> + Send,
    ) -> Result<()> {
        let mut events = self.store.read(read);
        loop {
            let page = events.next_page().await?;
            if page.is_empty() {
                return Ok(());
            }
            page.iter().try_for_each(&mut see)?;
        }
    }

    /// The accounts that were open at a time.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn open_at(&self, time: Timestamp) -> Result<Vec<AccountId>> {
        let opened = self.read::<Opened>()?.occurred_to(time);
        let mut accounts = Vec::new();
        self.each_event(opened, |event| {
            accounts.push(event.stream.aggregate_id::<BankAccount>()?);
            Ok(())
        })
        .await?;
        Ok(accounts)
    }
}

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bank")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// Works through a list, up to 64 items at a time; the first failure ends it.
///
/// # Errors
///
/// The first failure.
pub async fn for_each<T, F, W>(items: impl IntoIterator<Item = T>, work: F) -> Result<()>
where
    T: Send + 'static,
    F: Fn(T) -> W + Clone + Send + 'static,
    W: Future<Output = Result<()>> + Send,
{
    let items: Vec<T> = items.into_iter().collect();
    let items = Arc::new(Mutex::new(items.into_iter()));
    let mut tasks: JoinSet<Result<()>> = JoinSet::new();
    for _ in 0..TASKS {
        let (items, work) = (Arc::clone(&items), work.clone());
        tasks.spawn(async move {
            loop {
                let item = items.lock().await.next();
                let Some(item) = item else { return Ok(()) };
                work(item).await?;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task of the bank was lost")??;
    }
    Ok(())
}

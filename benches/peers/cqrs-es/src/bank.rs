//! P3: the commands of the standard workload on cqrs-es.

use cqrs_es::{
    AggregateContext, AggregateError, CqrsFramework, EventStore, mem_store::MemStore,
    persist::PersistedEventStore,
};

use crate::{
    Account, Command,
    commands::{Bank, INITIAL, Load, Order, Program, commands_in_turns, reason, runtime, turn},
    repository::Payloads,
    workload::Fact,
};

/// Accounts in a store of it. Its stores are handles, but not all can be cloned.
struct Accounts<S: EventStore<Account>> {
    accounts: CqrsFramework<Account, S>,
    stored: S,
}

impl<S> Bank for Accounts<S>
where
    S: EventStore<Account> + 'static,
    S::AC: Send,
{
    type Id = String;

    fn id(&self, number: u64) -> String {
        number.to_string()
    }

    async fn seed(&self, id: &String, events: u64) {
        let seeded = self.accounts.execute(id, Command::Open(events)).await;
        seeded.expect("a new account");
    }

    async fn execute(&self, id: &String, order: Order) {
        loop {
            match self
                .accounts
                .execute(id, Command::Execute(order.clone()))
                .await
            {
                Ok(()) => return,
                Err(AggregateError::AggregateConflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn count(&self, id: &String) -> (u64, i64) {
        let account = self.stored.load_aggregate(id).await;
        let mut account = account.expect("it was written so");
        let account = account.aggregate();
        (account.events, account.balance)
    }
}

pub(crate) fn execute(load: Load) {
    let runtime = &runtime();
    let json = move |load| {
        let payloads = Payloads::default();
        let store = || PersistedEventStore::<_, Account>::new_event_store(payloads.clone());
        let (accounts, stored) = (CqrsFramework::new(store(), vec![], ()), store());
        runtime.block_on(turn(Accounts { accounts, stored }, load))
    };
    let typed = move |load| {
        let stored = MemStore::<Account>::default();
        let accounts = CqrsFramework::new(stored.clone(), vec![], ());
        runtime.block_on(turn(Accounts { accounts, stored }, load))
    };
    let programs = vec![
        Program::new("cqrs-es: over JSON", json),
        Program::new("cqrs-es: its store in memory, loses updates", typed),
    ];
    commands_in_turns(load, (1, 5), programs);
}

/// The first events of an account.
pub(crate) fn seeds(events: u64) -> impl Iterator<Item = Fact> {
    let opened = Fact::Opened("owner-000001".to_owned(), INITIAL);
    let deposits = (1..events).map(|number| Fact::Deposited(1, reason(number)));
    [opened].into_iter().chain(deposits)
}

//! A handler that waits for the store whose thread calls it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::sync::{Arc, Mutex};

use common::{folder, one, open};
use eventsource_core::{
    Advance, AppendError, Build, EventStore, EventStoreExt, Fingerprint, Generation, LeaseHolder,
    LeaseName, LeaseStore, ProjectionName, ProjectionStore, ReadModelWork, Rejection,
    TransactionalStore,
};
use eventsource_sqlite::{SqliteTx, WithinHandler};

/// Waits for a future on the present thread, as a handler would have to.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

#[tokio::test]
async fn a_handler_that_would_wait_for_itself_is_told_so_and_nobody_hangs() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    store.append(one("a")).await.unwrap();
    let name = ProjectionName::new("mine").unwrap();
    let build = Build::new(name.clone(), (1, Fingerprint::new(1)));
    store.begin_generation(build.live()).await.unwrap();
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let (own, told) = (store.clone(), Arc::clone(&refusals));
    let work: ReadModelWork<SqliteTx> = Box::new(move |_| {
        let refused = wait(own.append(one("a"))).expect_err("it would wait for itself");
        let lease = LeaseName::new("mine").unwrap();
        let holder = LeaseHolder::new("me").unwrap();
        let leased = own.acquire_lease(&lease, &holder, std::time::Duration::from_secs(1));
        assert!(wait(leased).is_err());
        // Reads are answered by other threads.
        assert_eq!(wait(own.read_all()).unwrap().len(), 1);
        told.lock().unwrap().push(refused);
        Ok(())
    });
    let step = Advance::new(name, Generation::FIRST, (None, None));
    store.advance_in(step, work).await.unwrap();
    let refused = refusals.lock().unwrap().pop().unwrap();
    let AppendError::Rejected(Rejection::Engine { source }) = refused else {
        panic!("{refused:?}");
    };
    assert!(source.is::<WithinHandler>(), "{source:?}");
    store.append(one("a")).await.unwrap();
    assert_eq!(store.read_all().await.unwrap().len(), 2);
}

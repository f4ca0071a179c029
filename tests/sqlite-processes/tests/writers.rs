//! Several processes on one file.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
mod process;

use common::{
    contention::{assert_whole, contend},
    folder, open, stream,
};
use eventsource_core::{Delivery, EventStoreExt, Start, Subscribe};
use process::Process;

#[tokio::test]
async fn processes_that_append_at_once_lose_nothing_and_leave_no_hole() {
    let (_folder, path) = folder();
    let mut processes: Vec<_> = (0..3).map(|_| Process::ready("contend", &path)).collect();
    for process in &mut processes {
        process.go();
    }
    contend(&open(&path).await).await;
    for process in processes {
        process.end();
    }
    assert_whole(&path, 4).await;
}

#[tokio::test]
async fn an_append_of_another_process_wakes_a_subscription() {
    let (_folder, path) = folder();
    let store = open(&path).await;
    let mut live = store
        .subscribe(Subscribe::all(Start::Beginning))
        .await
        .unwrap();
    assert_eq!(live.next().await.unwrap(), Delivery::CaughtUp);
    for position in 1..=3 {
        let mut process = Process::ready("one", &path);
        // The wait has begun before the process appends.
        let mut next = Box::pin(live.next());
        let pending =
            std::future::poll_fn(|cx| std::task::Poll::Ready(next.as_mut().poll(cx).is_pending()));
        assert!(pending.await);
        process.go();
        let Delivery::Event(event) = next.await.unwrap() else {
            panic!("no event");
        };
        assert_eq!(event.position.number(), position);
        process.end();
        assert_eq!(live.next().await.unwrap(), Delivery::CaughtUp);
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there() {
    let (_folder, path) = folder();
    for _ in 0..3 {
        let mut process = Process::ready("for-ever", &path);
        let before = open(&path).await.read_all().await.unwrap().len();
        process.go();
        let mut acknowledged = 0;
        while acknowledged < 30 {
            acknowledged = process.says("stored").parse().unwrap();
        }
        process.kill();
        let stored = open(&path).await.read_stream(&stream("a")).await.unwrap();
        assert!(stored.len() > before + acknowledged);
        assert!(
            stored
                .iter()
                .zip(1..)
                .all(|(event, version)| event.version.get() == version)
        );
    }
}

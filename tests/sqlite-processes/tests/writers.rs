//! Several processes on one file.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;

use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use common::{
    contention::{assert_whole, contend},
    folder, open, stream,
};
use eventsource_core::{Delivery, EventStoreExt, Start, Subscribe};

/// A process of its own that does `task`. It begins when a line is written to it.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(task: &str, path: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
            .arg(task)
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, lines };
        process.says("ready");
        process
    }

    /// The next thing that the process says, without this word at its beginning.
    fn says(&mut self, word: &str) -> String {
        let line = self.lines.next().expect("the process has ended").unwrap();
        let rest = line.strip_prefix(word).expect("what it was to say");
        rest.trim().to_owned()
    }

    fn go(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "go").unwrap();
    }

    fn end(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

#[tokio::test]
async fn processes_that_append_at_once_lose_nothing_and_leave_no_hole() {
    let (_folder, path) = folder();
    let mut processes: Vec<_> = (0..3).map(|_| Process::start("contend", &path)).collect();
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
        let mut process = Process::start("one", &path);
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
        let mut process = Process::start("for-ever", &path);
        let before = open(&path).await.read_all().await.unwrap().len();
        process.go();
        let mut acknowledged = 0;
        while acknowledged < 30 {
            acknowledged = process.says("stored").parse().unwrap();
        }
        process.child.kill().unwrap();
        process.child.wait().unwrap();
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

//! Several store values on one file, in one process and in several.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod common;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use common::{event, folder, one, open, stream};
use eventsource_core::{
    Append, AppendError, Delivery, EventStore, EventStoreExt, Expected, Start, Subscribe,
};

const CHILD: &str = "EVENTSOURCE_SQLITE_TEST_CHILD";

/// This test again, as a process of its own that does `task`. It begins when a line is written to it.
struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(task: &str, path: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(CHILD, format!("{task} {}", path.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, lines };
        process.wait_for("ready");
        process
    }

    /// Reads what the process says until it says this, among what the test harness says; gives the rest of the line.
    fn wait_for(&mut self, word: &str) -> String {
        loop {
            let line = self.lines.next().expect("the process has ended").unwrap();
            if let Some((_, rest)) = line.split_once(&format!("child says {word}")) {
                return rest.trim().to_owned();
            }
        }
    }

    fn go(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "go").unwrap();
    }

    fn end(mut self) {
        assert!(self.child.wait().unwrap().success());
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "child says {text}").unwrap();
    out.flush().unwrap();
}

fn wait_to_go() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

#[tokio::test]
#[ignore = "other tests run it as a process of its own"]
async fn child() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let (task, path) = task.split_once(' ').unwrap();
    let store = open(Path::new(path)).await;
    say("ready");
    wait_to_go();
    match task {
        "contend" => contend(&store).await,
        "one" => {
            store.append(one("a")).await.unwrap();
        }
        "for-ever" => {
            for number in 0.. {
                store.append(one("a")).await.unwrap();
                say(&format!("stored {number}"));
            }
        }
        other => panic!("{other}"),
    }
}

const ROUNDS: u64 = 50;

/// Appends to a stream that others append to as well, with the version that was seen, until it worked often enough; and
/// to a stream as it comes.
async fn contend(store: &impl EventStore) {
    let mut done = 0;
    while done < ROUNDS {
        let seen = store.stream_version(&stream("hot")).await.unwrap();
        let append = Append::to(stream("hot"), Expected::seen(seen), [event(done)]).and(
            stream("any"),
            Expected::Any,
            [event(done), event(done)],
        );
        match store.append(append).await {
            Ok(_) => done += 1,
            Err(AppendError::Conflict(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Every event once, positions and versions without holes, and as many as there were appends.
async fn assert_whole(path: &Path, writers: u64) {
    let store = open(path).await;
    let mut versions = BTreeMap::new();
    let all = store.read_all().await.unwrap();
    for (event, position) in all.iter().zip(1..) {
        assert_eq!(event.position.number(), position);
        let last = versions.entry(event.stream.clone()).or_insert(0);
        *last += 1;
        assert_eq!(event.version.get(), *last);
    }
    assert!(all.is_sorted_by_key(|event| event.recorded_at));
    assert_eq!(versions[&stream("hot")], writers * ROUNDS);
    assert_eq!(versions[&stream("any")], 2 * writers * ROUNDS);
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

#[tokio::test(flavor = "multi_thread")]
async fn store_values_that_append_at_once_lose_nothing_and_leave_no_hole() {
    let (_folder, path) = folder();
    let mut writers = Vec::new();
    for _ in 0..4 {
        let store = open(&path).await;
        writers.push(tokio::spawn(async move { contend(&store).await }));
    }
    for writer in writers {
        writer.await.unwrap();
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
            acknowledged = process.wait_for("stored").parse().unwrap();
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

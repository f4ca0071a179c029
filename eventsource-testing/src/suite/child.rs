//! Processes of their own, for what only the end of a process can show.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use eventsource_core::{
    Append, AppendKey, Expected,
    fault::{FaultAction, FaultPoint},
};

use super::{
    bench::Store,
    cases::kept,
    fixture::{Fixture, Setup},
    hooks::Script,
    kit,
};

const LOCATION: &str = "EVENTSOURCE_SUITE_CHILD_LOCATION";
const CRASH_AT: &str = "EVENTSOURCE_SUITE_CHILD_CRASH_AT";
const STEPS_OF_A_BUILD: &str = "EVENTSOURCE_SUITE_CHILD_STEPS";
/// What a child says once its work is acknowledged.
const ACKNOWLEDGED: &str = "eventsource-suite: acknowledged";

/// What the append of a child holds.
pub(crate) const MARKS: std::ops::Range<u64> = 100..103;

/// How many steps a child has a build of a projection take.
pub(crate) const STEPS: u64 = 3;

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// It appends [`append`].
    Append,
    /// It begins a build that is read, and takes its first [`STEPS`], each of which parks the event that it moves to.
    Steps,
}

/// The test of a backend's test program that acts as the child.
#[derive(Debug, Clone)]
pub(crate) struct ChildTest {
    /// Its name, as libtest's `--exact` wants it.
    name: String,
}

impl ChildTest {
    pub(crate) fn in_module(module_path: &str) -> Self {
        // libtest leaves the name of the crate out.
        let module = module_path.split_once("::").map(|(_, module)| module);
        Self {
            name: module.map_or_else(
                || "suite_child".to_owned(),
                |module| format!("{module}::suite_child"),
            ),
        }
    }

    /// A child that works on the store at `location` and crashes at the fault point of this number, counted from 0.
    /// Whether it came to that point.
    pub(crate) fn crashes(&self, location: &str, point: usize, work: Work) -> bool {
        let mut child = self.start(location, Some(point), work);
        let mut said = lines(&mut child);
        let acknowledged = said.any(|line| line.contains(ACKNOWLEDGED));
        // The rest is read as well: a child that nobody listens to fails.
        said.for_each(drop);
        let status = child.wait().expect("the child ends");
        assert_ne!(
            acknowledged,
            !status.success(),
            "a child either crashes at a fault point or acknowledges its work, and ends well; it ended with {status}"
        );
        !acknowledged
    }

    /// A child that works on the store at `location`, acknowledges it, and is then killed.
    pub(crate) fn is_killed(&self, location: &str, work: Work) {
        let mut child = self.start(location, None, work);
        let mut said = lines(&mut child);
        let acknowledged = said.any(|line| line.contains(ACKNOWLEDGED));
        // It waits for more on its standard input, so that it is alive when the signal comes.
        child.kill().expect("the child can be killed");
        let status = child.wait().expect("the child ends");
        assert!(
            acknowledged,
            "the child did not do its work; it ended with {status}"
        );
        assert!(!status.success(), "the child ended before it was killed");
    }

    fn start(&self, location: &str, crash_at: Option<usize>, work: Work) -> Child {
        let program = std::env::current_exe().expect("the test program has a path");
        let mut command = Command::new(program);
        command
            .args(["--exact", &self.name, "--nocapture"])
            .env(LOCATION, location)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(point) = crash_at {
            command.env(CRASH_AT, point.to_string());
        }
        if work == Work::Steps {
            command.env(STEPS_OF_A_BUILD, "1");
        }
        command.spawn().expect("the test program can be started")
    }
}

/// What a child says, line by line.
fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let output = child.stdout.take().expect("it is piped");
    BufReader::new(output).lines().map_while(Result::ok)
}

/// What a child appends.
pub(crate) fn append() -> Append {
    let key = AppendKey::new("of a child").expect("a legal key");
    Append::to(kit::stream("child"), Expected::Any, kit::events(MARKS)).with_key(key)
}

/// Acts as the child where the environment says so; returns at once where it does not.
pub(crate) async fn act<F: Fixture>() {
    let Ok(location) = std::env::var(LOCATION) else {
        return;
    };
    let place = F::at(&location)
        .await
        .expect("the fixture opens its own location");
    let crash_at = std::env::var(CRASH_AT)
        .ok()
        .map(|point| point.parse::<usize>().expect("the parent gives a number"));
    let setup = match crash_at {
        Some(point) => Setup::default().with_faults(Arc::new(crash_at_point(point))),
        None => Setup::default(),
    };
    let store = place.open(setup).await;
    if std::env::var_os(STEPS_OF_A_BUILD).is_some() {
        take_steps(&store).await;
    } else {
        store.append(append()).await.expect("the append succeeds");
    }
    let mut output = std::io::stdout().lock();
    writeln!(output, "\n{ACKNOWLEDGED}").expect("the parent listens");
    output.flush().expect("the parent listens");
    drop(output);
    if crash_at.is_none() {
        let mut line = String::new();
        // The parent kills this process while it waits here. The file descriptors must not be closed before that.
        std::io::stdin()
            .read_line(&mut line)
            .expect("the standard input can be read");
    }
}

/// Begins a build and takes its first steps.
async fn take_steps(store: &Store) {
    let kept = kept::kept(store);
    let build = kept::begin(kept, kept::build().live()).await.generation;
    for to in 1..=STEPS {
        let step = kept::step(build.number(), to - 1, to);
        kept::take(kept, step.parking([kept::waiting(to, "child")])).await;
    }
}

/// Ends the process, without any tidying up, at the fault point of this number.
fn crash_at_point(number: usize) -> Script {
    let passed = std::sync::atomic::AtomicUsize::new(0);
    Script::new(move |_: FaultPoint| {
        if passed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == number {
            std::process::abort();
        }
        FaultAction::GoOn
    })
}

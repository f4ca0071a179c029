//! Running the cases: one under libtest, or all of them with a report.

use std::{any::Any, fmt, io::Write, time::Duration};

use eventsource_core::{Capabilities, Capability};

use super::{
    CASES, Case,
    bench::{Bench, Running},
    child::{self, ChildTest},
    fixture::Fixture,
    need::{Hook, Need},
};

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The store did what the case asks for.
    Passed,
    /// It did not, and this is what the case says.
    Failed(String),
    /// Nothing was tested, since the fixture does not offer this.
    Untested(Hook),
}

/// What came of all cases, what the store claims, and what its fixture offers.
///
/// Its text is a table of all three.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// What the store declares.
    pub capabilities: Capabilities,
    /// What the fixture offers.
    pub hooks: Vec<Hook>,
    /// Each case that ran, in the order of the list.
    pub outcomes: Vec<(&'static Case, Outcome)>,
}

impl Report {
    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &'static Case> {
        self.outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
            .map(|(case, _)| *case)
    }

    /// Whether no case failed.
    pub fn is_passed(&self) -> bool {
        self.failed().next().is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for capability in Capability::ALL {
            let (word, how) = if self.capabilities.has(*capability) {
                ("claimed", "with it")
            } else {
                ("refused", "the refusal, or the store without it")
            };
            writeln!(f, "{word:<9}{capability}")?;
            of_need(f, Need::Capability(*capability), how)?;
        }
        for hook in Hook::ALL {
            let (word, how) = if self.hooks.contains(hook) {
                ("offered", "with it")
            } else {
                ("missing", "NOTHING")
            };
            writeln!(f, "{word:<9}{hook}")?;
            of_need(f, Need::Hook(*hook), how)?;
        }
        for (case, outcome) in &self.outcomes {
            match outcome {
                Outcome::Passed => writeln!(f, "{:<9}{}", "passed", case.name)?,
                Outcome::Untested(hook) => {
                    writeln!(f, "{:<9}{}: not offered is {hook}", "untested", case.name)?;
                }
                Outcome::Failed(why) => writeln!(f, "{:<9}{}: {why}", "FAILED", case.name)?,
            }
        }
        Ok(())
    }
}

/// The cases that need something, in one line.
fn of_need(f: &mut fmt::Formatter<'_>, need: Need, how: &str) -> fmt::Result {
    let ids = CASES.iter().filter(|case| case.needs.contains(&need));
    let ids: Vec<_> = ids.map(Case::id).collect();
    writeln!(f, "{:<9}  tested by {}: {how}", "", ids.join(", "))
}

/// Runs every case, one after the other, on stores of `F`.
///
/// Cases that start a process of their own need a test program to start: on a store that claims
/// [`Capability::Durable`] they fail here, and pass under [`event_store_suite!`](crate::event_store_suite) only.
pub fn run<F: Fixture>() -> Report {
    run_cases(&Bench::of::<F>(), CASES.iter())
}

/// Runs some cases, one after the other, on stores of a bench.
///
/// ```
/// use eventsource_testing::suite::{Bench, CASES, InMemory, run_cases};
///
/// let report = run_cases(&Bench::of::<InMemory>(), &CASES[..3]);
/// assert!(report.is_passed(), "{report}");
/// ```
///
/// # Panics
///
/// When no store can be made.
pub fn run_cases(bench: &Bench, cases: impl IntoIterator<Item = &'static Case>) -> Report {
    let asked = bench.clone();
    let asking = Box::pin(async move { asked.store().await.capabilities() });
    let asked = on_runtime(bench.patience(), asking);
    let capabilities = asked.unwrap_or_else(|why| panic!("no store can be made: {why}"));
    let bench_patience = bench.patience();
    let offered = |hook: &&Hook| {
        let (hook, bench) = (**hook, bench.clone());
        let asking = Box::pin(async move { hook.is_offered(&bench).await });
        // Where asking fails, the cases that need the hook fail as well, and say why.
        on_runtime(bench_patience, asking).unwrap_or(true)
    };
    let hooks = Hook::ALL.iter().filter(offered).copied().collect();
    let outcomes = cases.into_iter().map(|case| (case, outcome(case, bench)));
    Report {
        capabilities,
        hooks,
        outcomes: outcomes.collect(),
    }
}

/// Runs one case.
fn outcome(case: &'static Case, bench: &Bench) -> Outcome {
    let given = bench.clone();
    let running = Box::pin(async move {
        for need in case.needs {
            if let Need::Hook(hook) = need
                && !hook.is_offered(&given).await
            {
                return Outcome::Untested(*hook);
            }
        }
        (case.body)(given).await;
        Outcome::Passed
    });
    on_runtime(bench.patience(), running).unwrap_or_else(Outcome::Failed)
}

/// Runs a case on a runtime of its own; its panic, or the word that it hangs, is the error.
fn on_runtime<T: Send + 'static>(patience: Duration, case: Running<T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Some cases hold a writer up on its own thread, and others must go on meanwhile.
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("the machine has threads");
    // The case runs on a worker, so that the watch goes on where a case blocks its thread.
    let running = runtime.spawn(case);
    let outcome = runtime.block_on(async { tokio::time::timeout(patience, running).await });
    runtime.shutdown_background();
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(panic)) => Err(panic
            .try_into_panic()
            .map_or_else(|error| error.to_string(), |panic| words(&*panic))),
        Err(_) => Err(format!("it hangs: no end within {} s", patience.as_secs())),
    }
}

pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.clone(),
        (_, Some(text)) => (*text).to_owned(),
        _ => "a panic without words".to_owned(),
    }
}

/// One case as a test of libtest.
///
/// # Panics
///
/// When the store does not do what the case asks for.
#[doc(hidden)]
pub fn test_case<F: Fixture>(name: &str, module_path: &str) {
    let case = CASES
        .iter()
        .find(|case| case.name == name)
        .expect("tests and cases are one list");
    let bench = Bench::of::<F>().with_child(ChildTest::in_module(module_path));
    match outcome(case, &bench) {
        Outcome::Passed => {}
        Outcome::Untested(hook) => say(&format!(
            "{}: nothing is tested, not offered is {hook}",
            case.id()
        )),
        Outcome::Failed(why) => {
            panic!("{} failed (contract {:?}): {why}", case.id(), case.contract)
        }
    }
}

/// Says something in every run: what is printed by a test that passes, libtest keeps to itself.
fn say(words: &str) {
    let mut output = std::io::stdout().lock();
    // Where nobody listens, nobody misses it.
    drop(writeln!(output, "{words}"));
}

/// What the store claims and refuses, as a test of libtest that prints it.
#[doc(hidden)]
pub fn test_report<F: Fixture>() {
    let bench = Bench::of::<F>();
    say(&format!("\n{}", run_cases(&bench, [])));
}

/// The test that acts as the child of others; on its own it does nothing.
#[doc(hidden)]
pub fn test_child<F: Fixture>() {
    let outcome = on_runtime(Bench::of::<F>().patience(), Box::pin(child::act::<F>()));
    assert_eq!(outcome, Ok(()), "the child process failed");
}

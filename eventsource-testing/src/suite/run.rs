//! Running the cases: one under libtest, or all of them with a report.

use std::{any::Any, fmt, time::Duration};

use eventsource_core::{Capabilities, Capability};

use super::{
    CASES, Case,
    bench::{Bench, Running},
    child::{self, ChildTest},
    fixture::Fixture,
};

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The store did what the case asks for.
    Passed,
    /// It did not, and this is what the case says.
    Failed(String),
}

/// What came of all cases, and which capabilities the store claims.
///
/// Its text is a table of both.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// What the store declares.
    pub capabilities: Capabilities,
    /// Each case that ran, in the order of the list.
    pub outcomes: Vec<(&'static Case, Outcome)>,
}

impl Report {
    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &'static Case> {
        self.outcomes
            .iter()
            .filter(|(_, outcome)| *outcome != Outcome::Passed)
            .map(|(case, _)| *case)
    }

    /// Whether no case failed.
    pub fn is_passed(&self) -> bool {
        self.failed().next().is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<9}capability", "store")?;
        for capability in Capability::ALL {
            let word = claim(self.capabilities, *capability);
            writeln!(f, "{word:<9}{capability}")?;
            for case in CASES.iter().filter(|case| case.needs == Some(*capability)) {
                let word = if self.capabilities.has(*capability) {
                    "tests the store with it"
                } else {
                    "tests the store without it"
                };
                writeln!(f, "{:<9}  {} {word}", "", case.id())?;
            }
        }
        for (case, outcome) in &self.outcomes {
            match outcome {
                Outcome::Passed => writeln!(f, "{:<9}{}", "passed", case.name)?,
                Outcome::Failed(why) => writeln!(f, "{:<9}{}: {why}", "FAILED", case.name)?,
            }
        }
        Ok(())
    }
}

fn claim(capabilities: Capabilities, capability: Capability) -> &'static str {
    if capabilities.has(capability) {
        "claimed"
    } else {
        "refused"
    }
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
    let for_store = bench.clone();
    let asking = Box::pin(async move { for_store.store().await.capabilities() });
    let capabilities = on_runtime(bench.patience(), asking).expect("a store can be made");
    let outcomes = cases.into_iter().map(|case| {
        let running = (case.body)(bench.clone());
        let outcome = match on_runtime(bench.patience(), running) {
            Ok(()) => Outcome::Passed,
            Err(why) => Outcome::Failed(why),
        };
        (case, outcome)
    });
    Report {
        capabilities,
        outcomes: outcomes.collect(),
    }
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

fn words(panic: &(dyn Any + Send)) -> String {
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
    if let Err(why) = on_runtime(bench.patience(), (case.body)(bench)) {
        panic!("{} failed (contract {:?}): {why}", case.id(), case.contract);
    }
}

/// What the store claims and refuses, as a test of libtest that prints it.
#[doc(hidden)]
#[expect(
    clippy::print_stdout,
    reason = "libtest captures it, and shows it on demand"
)]
pub fn test_report<F: Fixture>() {
    let bench = Bench::of::<F>();
    print!("{}", run_cases(&bench, []));
}

/// The test that acts as the child of others; on its own it does nothing.
#[doc(hidden)]
pub fn test_child<F: Fixture>() {
    let outcome = on_runtime(Bench::of::<F>().patience(), Box::pin(child::act::<F>()));
    assert_eq!(outcome, Ok(()), "the child process failed");
}

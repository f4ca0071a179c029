//! The harness of tests with real data: it knows what the usual one does not, a test that is skipped for a reason.
//!
//! `EVENTSOURCE_REAL_DATA` names the folder of the data. Without the variable the tests are skipped, and the last lines
//! say so; with `EVENTSOURCE_REQUIRE_ALL=1` a skip is a failure.

use std::{
    env, fs,
    io::{Write as _, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};

const DATA: &str = "EVENTSOURCE_REAL_DATA";
const REQUIRE_ALL: &str = "EVENTSOURCE_REQUIRE_ALL";

/// A test that needs the folder of real data.
#[derive(Debug)]
pub struct Test {
    /// What it says, in words.
    pub name: &'static str,
    /// Runs it on the folder.
    pub run: fn(&Path) -> Result<()>,
}

/// Runs the tests that the arguments ask for, as the usual harness understands them, and says at the end what was
/// skipped.
pub fn run(tests: &[Test]) -> ExitCode {
    let arguments = Arguments::read();
    let chosen: Vec<&Test> = tests
        .iter()
        .filter(|test| arguments.choose(test.name))
        .collect();
    if arguments.list {
        for test in chosen {
            say(&format!("{}: test", test.name));
        }
        return ExitCode::SUCCESS;
    }
    say(&format!("\nrunning {} tests", chosen.len()));
    let data = env::var_os(DATA).map(PathBuf::from);
    let required = env::var(REQUIRE_ALL).is_ok_and(|value| value == "1");
    let (mut passed, mut failed, mut skipped) = (0, 0, Vec::new());
    for Test { name, run } in chosen {
        let begin = Instant::now();
        let seconds = || begin.elapsed().as_secs_f64();
        match data.as_deref().map(|data| on(data, *run)) {
            Some(Ok(())) => {
                passed += 1;
                say(&format!("test {name} ... ok ({:.1} s)", seconds()));
            }
            Some(Err(error)) => {
                failed += 1;
                say(&format!(
                    "test {name} ... FAILED ({:.1} s)\n{error:?}",
                    seconds()
                ));
            }
            None if required => {
                failed += 1;
                say(&format!(
                    "test {name} ... FAILED\n{DATA} is not set, and {REQUIRE_ALL}=1 forbids to skip"
                ));
            }
            None => {
                skipped.push(name);
                say(&format!("test {name} ... skipped"));
            }
        }
    }
    let result = if failed == 0 { "ok" } else { "FAILED" };
    say(&format!(
        "\ntest result: {result}. {passed} passed; {failed} failed; {} skipped",
        skipped.len()
    ));
    for name in skipped {
        say(&format!(
            "SKIPPED: {name}: {DATA} does not name a folder of real data"
        ));
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs a test on a folder, which has to be one.
fn on(data: &Path, run: fn(&Path) -> Result<()>) -> Result<()> {
    ensure!(
        data.is_dir(),
        "{DATA} names `{}`, which is no folder",
        data.display()
    );
    run(data)
}

/// What the usual harness understands, as far as it matters here.
#[derive(Default)]
struct Arguments {
    list: bool,
    exact: bool,
    ignored: bool,
    filters: Vec<String>,
    skip: Vec<String>,
}

impl Arguments {
    fn read() -> Self {
        let mut read = Self::default();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => read.list = true,
                "--exact" => read.exact = true,
                // There are no ignored tests.
                "--ignored" => read.ignored = true,
                "--skip" => read.skip.extend(arguments.next()),
                "--format" | "--test-threads" | "--color" | "-Z" | "--logfile" => {
                    drop(arguments.next());
                }
                flag if flag.starts_with('-') => {}
                _ => read.filters.push(argument),
            }
        }
        read
    }

    fn choose(&self, name: &str) -> bool {
        let fits = |filter: &String| {
            if self.exact {
                name == filter
            } else {
                name.contains(filter.as_str())
            }
        };
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(fits))
            && !self.skip.iter().any(fits)
    }
}

/// Reads a file of the data.
///
/// # Errors
///
/// When it cannot be read; the error names it.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} of {DATA} cannot be read", file.display()))
}

/// Prints a line. Where stdout is closed, the exit code alone has to tell.
pub fn say(line: &str) {
    drop(writeln!(stdout(), "{line}"));
}

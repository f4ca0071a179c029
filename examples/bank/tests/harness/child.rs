//! The program as a child of a test, which reports what it does line by line, and is killed.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, ensure};

/// What nobody can answer to.
const KILL: i32 = 9;

/// A child of which the test reads the lines that it reports.
pub(crate) struct Reporting {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Reporting {
    pub(crate) fn start(arguments: &[&str], database: &Path) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
            .args(arguments)
            .arg("--db")
            .arg(database)
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("the child has no stdout")?;
        let lines = BufReader::new(stdout);
        Ok(Self { child, lines })
    }

    /// The next report that is one; `None` when the child has ended.
    pub(crate) fn next(&mut self, is_report: impl Fn(&str) -> bool) -> Result<Option<String>> {
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line)?;
            match line.strip_suffix('\n') {
                // What was cut off by a kill reports nothing.
                None => return Ok(None),
                Some(line) if is_report(line) => return Ok(Some(line.to_owned())),
                Some(_) => {}
            }
        }
    }

    /// Kills it after so many reports. Whether it died of that: one that was done before has ended well. One that failed by
    /// itself is an error, before the kill and at the same moment.
    pub(crate) fn kill_after(
        mut self,
        reports: u64,
        is_report: impl Fn(&str) -> bool + Copy,
    ) -> Result<bool> {
        for _ in 0..reports {
            if self.next(is_report)?.is_none() {
                return has_ended_well(self.child.wait()?).map(|()| false);
            }
        }
        self.child.kill()?;
        let status = self.child.wait()?;
        if status.signal() == Some(KILL) {
            return Ok(true);
        }
        has_ended_well(status).map(|()| false)
    }

    /// Lets it end by itself.
    pub(crate) fn end(mut self) -> Result<()> {
        while self.next(|_| true)?.is_some() {}
        has_ended_well(self.child.wait()?)
    }
}

fn has_ended_well(status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "the child has failed by itself: {status}");
    Ok(())
}

/// A child that is still there when a test fails is in nobody's way.
impl Drop for Reporting {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The name of a projection and a position.
pub(crate) fn is_position(line: &str) -> bool {
    line.split_once(' ')
        .is_some_and(|(_, position)| position.parse::<u64>().is_ok())
}

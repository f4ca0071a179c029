//! The program as a child of a test, which reports what it does line by line, and is killed.

use std::{
    io::{self, BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

/// What nobody can answer to.
const KILL: i32 = 9;

/// A child that reports nothing for so long hangs. No machine is so busy that anything here takes it.
const LONG: Duration = Duration::from_secs(15 * 60);

/// A child of which the test reads the lines that it reports.
pub(crate) struct Reporting {
    child: Child,
    lines: Receiver<io::Result<String>>,
    /// How long is waited for a line; much longer than any takes.
    pub(crate) at_most: Duration,
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
        // A pipe cannot be read for a while only; the lines of a thread can. It reads a line when the one before is taken:
        // a child that is ahead of its test has to wait, as it would for a pipe.
        let (hand_over, lines) = sync_channel(0);
        thread::spawn(move || read(stdout, &hand_over));
        Ok(Self {
            child,
            lines,
            at_most: LONG,
        })
    }

    /// The next report that is one; `None` when the child has ended. A child that says nothing for too long is an error.
    pub(crate) fn next(&mut self, is_report: impl Fn(&str) -> bool) -> Result<Option<String>> {
        loop {
            match self.lines.recv_timeout(self.at_most) {
                Ok(line) => {
                    let line = line?;
                    if is_report(&line) {
                        return Ok(Some(line));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the child has reported nothing for {:?}", self.at_most)
                }
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

/// Hands over line by line, to the end of the child or of whoever reads.
fn read(stdout: ChildStdout, hand_over: &SyncSender<io::Result<String>>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = String::new();
        let read = stdout.read_line(&mut line).map(|_| line);
        let line = match read.as_deref().map(|line| line.strip_suffix('\n')) {
            // What was cut off by a kill reports nothing.
            Ok(None) => return,
            Ok(Some(line)) => Ok(line.to_owned()),
            Err(_) => read,
        };
        let failed = line.is_err();
        if hand_over.send(line).is_err() || failed {
            return;
        }
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

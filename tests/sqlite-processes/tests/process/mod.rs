//! Processes that do a task of this crate's program.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

/// A process of its own. What it waits for is a line that is written to it.
pub(crate) struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    /// One that does `task`.
    pub(crate) fn start(task: &str, path: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sqlite-processes"))
            .arg(task)
            .arg(path)
            .args(more.iter().map(OsStr::new))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let (taken, lines) = mpsc::channel();
        // Whoever is not listened to goes on all the same.
        thread::spawn(move || {
            said.map_while(Result::ok)
                .try_for_each(|line| taken.send(line))
        });
        Self { child, lines }
    }

    /// One that is ready, and begins when it is told to.
    pub(crate) fn ready(task: &str, path: &Path) -> Self {
        let mut process = Self::start(task, path, &[]);
        process.says("ready");
        process
    }

    /// The next thing that the process says, without this word at its beginning.
    pub(crate) fn says(&mut self, word: &str) -> String {
        let line = self.lines.recv().expect("the process has ended");
        let Some(rest) = line.strip_prefix(word) else {
            panic!("`{line}` in place of `{word}`");
        };
        rest.trim().to_owned()
    }

    /// The same, whatever it says before.
    pub(crate) fn comes_to_say(&mut self, text: &str) {
        while self.says("") != text {}
    }

    pub(crate) fn go(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "go").unwrap();
    }

    /// As `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it still says until it ends, well.
    pub(crate) fn end(mut self) -> Vec<String> {
        let said = self.lines.iter().collect();
        assert!(self.child.wait().unwrap().success());
        said
    }
}

impl Drop for Process {
    /// None outlives a test that has failed.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

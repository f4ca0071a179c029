//! The program, as it is run.

#[path = "../harness/mod.rs"]
mod harness;
mod kills;
mod ledger;
mod past;
mod query;
mod read_models;
mod seeded;

use std::{
    path::Path,
    process::{Command, Output},
};

/// A bank that is small enough to be run often.
const SMALL: [&str; 4] = ["--accounts", "20", "--commands", "600"];

fn bank(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bank"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program runs")
}

#[track_caller]
fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = bank(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    assert_eq!(errors, "", "{arguments:?}");
    String::from_utf8(output.stdout).expect("the program prints text")
}

#[track_caller]
fn fails(folder: &Path, arguments: &[&str]) -> String {
    let output = bank(folder, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("the program prints text")
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL[..], more].concat()
}

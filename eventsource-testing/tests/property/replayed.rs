//! What was found once can be met again.

use std::{
    env, fs,
    process::{Command, Output},
};

use eventsource_testing::{
    prelude::*,
    proptest::test_runner::{FileFailurePersistence, RngSeed},
};
use expect_test::expect_file;

use crate::{
    domain::{Account, any_open},
    planted::broken,
    support::{commands, failure},
};

/// The seed that a failure tells.
fn told_seed(text: &str) -> u64 {
    let (_, rest) = text.split_once("PROPTEST_RNG_SEED=").expect("a seed");
    let digits = rest.split(' ').next().expect("a number");
    digits.parse().expect("a number")
}

fn with_seed(seed: u64) -> String {
    failure(|| {
        broken()
            .config(|config| config.rng_seed = RngSeed::Fixed(seed))
            .check()
    })
}

#[test]
fn the_seed_of_a_failure_leads_to_it_again() {
    let text = failure(|| broken().check());
    assert_eq!(with_seed(told_seed(&text)), text);
}

#[test]
fn a_failure_shows_the_commands_and_then_what_a_scenario_of_them_shows() {
    let text = with_seed(1);
    let (before, after) = text.split_once("it was history ").expect("a number");
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    expect_file!["golden/found.txt"].assert_eq(&format!("{before}it was history N{after}"));
}

#[test]
fn a_run_of_one_case_is_shrunk_as_far_as_one_of_many() {
    // A seed whose first history has it.
    let one = |seed| {
        let broken = broken().length(80);
        broken.config(|config| {
            config.cases = 1;
            config.rng_seed = RngSeed::Fixed(seed);
        })
    };
    let found = (0..100).find_map(|seed| std::panic::catch_unwind(|| one(seed).check()).err());
    let text = found
        .expect("one of 100 histories")
        .downcast::<String>()
        .expect("a text");
    assert_eq!(commands(&text), ["Lock", "Turn(10)"]);
}

#[test]
fn a_file_that_is_asked_for_keeps_what_failed_and_is_tried_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("failed.txt");
    let path: &'static str = file.to_str().expect("a path").to_owned().leak();
    let keeping = |seed, cases| {
        failure(|| {
            let broken = broken().config(|config| {
                config.failure_persistence = Some(Box::new(FileFailurePersistence::Direct(path)));
                config.rng_seed = RngSeed::Fixed(seed);
                config.cases = cases;
            });
            broken.check()
        })
    };
    let first = keeping(1, 256);
    let kept = fs::read_to_string(&file).expect("it was written");
    assert!(kept.contains("# shrinks to [Lock, Turn(10)]"), "{kept}");
    let again = keeping(2, 1);
    assert_eq!(commands(&again), commands(&first));
    assert!(again.contains("(it was history 1,"), "{again}");
}

/// This test once more, in a process of its own with these variables.
fn alone(name: &str, variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env::current_exe().expect("this test"));
    command
        .args(["--exact", name, "--nocapture"])
        .current_dir(folder.path());
    let output = command
        .envs([(ALONE, "1"), ("RUST_BACKTRACE", "0")])
        .envs(variables.iter().copied())
        .output();
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 0, "a file was written");
    output.expect("it ran")
}

const ALONE: &str = "EVENTSOURCE_TESTING_ALONE";

#[test]
fn the_number_of_cases_in_the_environment_goes_before_that_of_the_test() {
    if env::var_os(ALONE).is_some() {
        let tally = histories::<Account>().command(any_open()).cases(3).check();
        println!("{} were played", tally.histories());
        return;
    }
    let name = "replayed::the_number_of_cases_in_the_environment_goes_before_that_of_the_test";
    let output = alone(name, &[("PROPTEST_CASES", "7")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("7 were played"), "{text}");
}

#[test]
fn the_seed_in_the_environment_leads_to_a_failure_again_and_no_file_is_written() {
    if env::var_os(ALONE).is_some() {
        println!("{}", failure(|| broken().check()));
        return;
    }
    let name =
        "replayed::the_seed_in_the_environment_leads_to_a_failure_again_and_no_file_is_written";
    let output = alone(name, &[("PROPTEST_RNG_SEED", "5")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains(&with_seed(5)),
        "{text}\n\nis not\n\n{}",
        with_seed(5)
    );
    // It is the test's line that failed.
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("replayed.rs:") && !errors.contains("mod.rs:"),
        "{errors}"
    );
}

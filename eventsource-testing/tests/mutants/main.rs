//! Broken stores, each with one defect, and the cases that catch it: a case that no store can fail tests nothing.

mod broken;
mod builds;
mod following;
mod kept;
mod late;
mod leases;
mod list;
mod places;
mod reading;
mod snapshots;
mod stateful;
mod steps;
mod trimming;
mod waiting;
mod writing;

use std::{fmt::Write, time::Duration};

use eventsource_testing::suite::{CASES, Case, Outcome, run, run_cases};

use broken::Nowhere;
use list::mutants;

/// Which cases fail on which broken store, and what they say.
const EXPECTED: &str = include_str!("expected.txt");

/// Mutant, id of the case, and what it says.
fn expected() -> Vec<(&'static str, &'static str, &'static str)> {
    let lines = EXPECTED.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let (place, says) = line.split_once(": ").expect("a line of the list");
        let (mutant, id) = place.split_once(' ').expect("a line of the list");
        assert!(!says.is_empty(), "{place} says nothing");
        (mutant, id, says)
    });
    read.collect()
}

fn case(id: &str) -> &'static Case {
    let found = CASES.iter().find(|case| case.id() == id);
    found.unwrap_or_else(|| panic!("there is no case {id}"))
}

#[test]
fn the_store_without_a_defect_passes_every_case() {
    let report = run::<Nowhere>();
    println!("{report}");
    assert!(report.is_passed(), "{report}");
}

/// Each named case fails on its mutant, and says what is wrong with it. The table shows which mutants stand behind each
/// case.
#[test]
fn each_broken_store_is_caught_by_the_cases_named_for_it() {
    let (mut missed, mut table) = (Vec::new(), String::new());
    let (mutants, expected) = (mutants(), expected());
    for (name, _, _) in &expected {
        let known = mutants.iter().any(|mutant| mutant.name == *name);
        assert!(known, "there is no mutant {name}");
    }
    for mutant in &mutants {
        let bench = mutant.bench.clone().with_patience(Duration::from_secs(3));
        let named = expected.iter().filter(|(name, _, _)| *name == mutant.name);
        let mut left: Vec<_> = named.map(|(_, id, says)| (case(id), *says)).collect();
        assert!(!left.is_empty(), "no case is named for {}", mutant.name);
        let mut said = Vec::new();
        // A race need not show each time.
        for _ in 0..20 {
            if left.is_empty() {
                break;
            }
            let report = run_cases(&bench, left.iter().map(|(case, _)| *case));
            for (case, outcome) in &report.outcomes {
                if let Outcome::Failed(why) = outcome {
                    let why = why.lines().collect::<Vec<_>>().join("|");
                    left.retain(|(left, says)| left.id() != case.id() || !why.contains(says));
                    said.push(format!("{}: {why}", case.id()));
                }
            }
        }
        for (case, says) in left {
            let said: Vec<_> = said
                .iter()
                .filter(|said| said.starts_with(&case.id()))
                .collect();
            missed.push(format!(
                "{} does not say `{says}` on {}, but: {said:?}",
                case.id(),
                mutant.name
            ));
        }
    }
    for case in CASES {
        let id = case.id();
        let by = expected.iter().filter(|(_, of, _)| *of == id);
        let by: Vec<_> = by.map(|(name, _, _)| *name).collect();
        let by = if by.is_empty() {
            "NO MUTANT".to_owned()
        } else {
            by.join(", ")
        };
        writeln!(table, "{id}  {by}").expect("a string");
    }
    println!("{table}\n{} mutants, {} cases", mutants.len(), CASES.len());
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(
        !table.contains("NO MUTANT"),
        "a case that no store fails tests nothing:\n{table}"
    );
}

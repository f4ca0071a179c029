//! The list of cases is whole: every id of the minimum, every number of the contract, and docs that say the same.

use std::collections::{BTreeMap, BTreeSet};

use eventsource_testing::suite::{CASES, MINIMUM, Minimum};

#[test]
fn every_id_of_the_minimum_has_a_case_or_a_reason() {
    let cases: BTreeSet<_> = CASES
        .iter()
        .map(eventsource_testing::suite::Case::id)
        .collect();
    assert_eq!(cases.len(), CASES.len(), "no id stands for two cases");
    let ids: BTreeSet<_> = MINIMUM.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), 60, "the minimum has 60 ids");
    for (id, state) in MINIMUM {
        match state {
            Minimum::Case => assert!(cases.contains(*id), "{id} has no case"),
            Minimum::Later(why) => {
                assert!(!cases.contains(*id), "{id} has a case, so not later: {why}");
            }
            _ => panic!("{id} is in a state that this test does not know"),
        }
    }
}

#[test]
fn every_number_of_the_contract_has_a_case() {
    let tested: BTreeSet<_> = CASES
        .iter()
        .flat_map(|case| case.contract)
        .copied()
        .collect();
    let contract = include_str!("../../eventsource-core/src/store/mod.rs");
    let written = (1..).take_while(|number| contract.contains(&format!("\n/// {number}. **")));
    assert_eq!(
        tested.into_iter().collect::<Vec<u8>>(),
        written.collect::<Vec<u8>>()
    );
}

/// The numbers of the doc line above each case, by the name of the case.
fn documented() -> BTreeMap<String, Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/suite/cases");
    let mut found = BTreeMap::new();
    for file in std::fs::read_dir(folder).expect("the folder of the cases") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a text");
        let lines: Vec<_> = text.lines().collect();
        for (place, line) in lines.iter().enumerate() {
            let Some(name) = line.strip_prefix("pub(crate) async fn ") else {
                continue;
            };
            let name = name.split('(').next().unwrap_or_default();
            let doc = lines[..place]
                .iter()
                .rev()
                .take_while(|line| line.starts_with("///"));
            let first = doc.last().copied().unwrap_or_default();
            if let Some(numbers) = first.strip_prefix("/// Contract ") {
                let end = numbers.find(['.', ':']).expect("the numbers end");
                let numbers = numbers[..end].split(|c: char| !c.is_ascii_digit());
                found.insert(
                    name.to_owned(),
                    numbers.filter_map(|n| n.parse().ok()).collect(),
                );
            }
        }
    }
    found
}

#[test]
fn the_docs_of_each_case_say_which_contract_it_tests() {
    let listed: BTreeMap<_, _> = CASES
        .iter()
        .map(|case| (case.name.to_owned(), case.contract.to_vec()))
        .collect();
    assert_eq!(documented(), listed);
}

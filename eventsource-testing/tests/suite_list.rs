//! The list of cases is whole: every id of the minimum, every number of the contract, and docs that say the same.

use std::collections::{BTreeMap, BTreeSet};

use eventsource_core::Capability;
use eventsource_testing::suite::{CASES, Case, ELSEWHERE, ITEMS, LATER, MINIMUM, Need, items};

/// What is wrong with an account of the items: each has a case, or stands once in the tables of what is tested elsewhere and
/// of what is missing.
fn wrong(items: &BTreeSet<String>, cases: &[String], later: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for item in items {
        let (with, without) = (
            cases.iter().filter(|case| *case == item).count(),
            later.iter().filter(|later| *later == item).count(),
        );
        match (with, without) {
            (1, 0) | (0, 1) => {}
            (0, 0) => wrong.push(format!(
                "{item} has no case, and nothing says what it waits for"
            )),
            (1, _) => wrong.push(format!(
                "{item} has a case, and is said to wait for something"
            )),
            (0, _) => wrong.push(format!("{item} is said to wait {without} times")),
            _ => wrong.push(format!("{item} was split into {with} cases")),
        }
    }
    for id in later
        .iter()
        .copied()
        .chain(cases.iter().map(String::as_str))
    {
        if !items.contains(id) && !id.starts_with('X') {
            wrong.push(format!("{id} is no item"));
        }
    }
    wrong
}

fn ids() -> Vec<String> {
    CASES.iter().map(Case::id).collect()
}

/// The items that are tested elsewhere, and the file of each.
fn elsewhere() -> Vec<(&'static str, &'static str)> {
    ELSEWHERE
        .iter()
        .flat_map(|part| part.items)
        .copied()
        .collect()
}

fn waiting() -> Vec<&'static str> {
    LATER
        .iter()
        .flat_map(|later| later.items)
        .copied()
        .collect()
}

#[test]
fn every_item_has_one_case_or_waits_for_one_thing() {
    let items: BTreeSet<_> = items().collect();
    assert_eq!(items.len(), 172, "the list has 172 items");
    assert_eq!(ITEMS.len(), 10);
    let without: Vec<_> = elsewhere().iter().map(|(item, _)| *item).collect();
    let without = [without, waiting()].concat();
    assert_eq!(wrong(&items, &ids(), &without), Vec::<String>::new());
    let cases = items.len() - without.len();
    for part in ELSEWHERE {
        println!("needs {}: {:?}", part.needed, part.items);
    }
    for later in LATER {
        println!("waits for {}: {}", later.missing, later.items.join(", "));
    }
    println!(
        "{} items, {cases} with a case, {} tested elsewhere, {} that wait",
        items.len(),
        elsewhere().len(),
        waiting().len()
    );
}

#[test]
fn an_item_that_is_forgotten_invented_split_or_counted_twice_is_told() {
    let items: BTreeSet<_> = ["A-01", "A-02", "A-03"].map(str::to_owned).into();
    let told = |cases: &[&str], later: &[&str]| {
        let cases: Vec<_> = cases.iter().map(|&case| case.to_owned()).collect();
        wrong(&items, &cases, later).join("; ")
    };
    assert_eq!(told(&["A-01", "A-02", "X-01"], &["A-03"]), "");
    assert_eq!(
        told(&["A-01"], &["A-03"]),
        "A-02 has no case, and nothing says what it waits for"
    );
    assert_eq!(
        told(&["A-01", "A-02"], &["A-03", "A-02"]),
        "A-02 has a case, and is said to wait for something"
    );
    assert_eq!(
        told(&["A-01", "A-02", "A-02"], &["A-03"]),
        "A-02 was split into 2 cases"
    );
    assert_eq!(
        told(&["A-01", "A-02"], &["A-03", "A-03"]),
        "A-03 is said to wait 2 times"
    );
    assert_eq!(
        told(&["A-01", "A-02", "A-04"], &["A-03"]),
        "A-04 is no item"
    );
}

/// The comment with the id stands right above a test.
fn is_tested(item: &str, file: &str) -> bool {
    let mut lines = file.lines().map(str::trim_start);
    let comment = lines.position(|line| line.starts_with(&format!("// {item}")));
    comment.is_some() && lines.next().is_some_and(|line| line.contains("test"))
}

#[test]
fn what_is_tested_elsewhere_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (item, path) in elsewhere() {
        let file = std::fs::read_to_string(root.join(path));
        let file = file.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(is_tested(item, &file), "{path} has no test for {item}");
    }
    assert!(is_tested("K-99", "// K-99: why\n#[test]\nfn f() {}"));
    assert!(!is_tested("K-99", "// K-98\n#[test]\nfn f() {}"));
    assert!(!is_tested("K-99", "// K-99\n#[derive(Debug)]\nstruct F;"));
}

#[test]
fn the_minimum_has_60_items() {
    let items: BTreeSet<_> = items().collect();
    let minimum: BTreeSet<_> = MINIMUM.iter().copied().collect();
    assert_eq!((minimum.len(), MINIMUM.len()), (60, 60));
    assert!(minimum.iter().all(|id| items.contains(*id)));
    let cases = ids();
    let with = minimum
        .iter()
        .filter(|id| cases.iter().any(|case| case == *id));
    println!("{} of the minimum have a case", with.count());
}

#[test]
fn each_capability_has_a_case_that_tests_its_refusal() {
    for capability in Capability::ALL {
        let need = Need::Capability(*capability);
        assert!(
            CASES.iter().any(|case| case.needs.contains(&need)),
            "no case needs {capability}"
        );
    }
}

/// A backend's own test of the suite is a few lines, however much its fixture offers.
#[test]
fn the_test_file_of_a_backend_has_less_than_20_lines_of_code() {
    let files = [
        include_str!("../../eventsource-core/tests/suite.rs"),
        include_str!("../../eventsource-sqlite/tests/suite.rs"),
        include_str!("../../examples/file-store/tests/suite.rs"),
    ];
    for file in files {
        let code = file.lines().map(str::trim);
        let code = code.filter(|line| !line.is_empty() && !line.starts_with("//"));
        let code: Vec<_> = code.collect();
        assert!(code.len() < 20, "{} lines: {code:#?}", code.len());
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

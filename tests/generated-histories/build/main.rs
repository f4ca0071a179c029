//! Writes the histories. The same seed gives the same text, byte for byte.
//!
//! From each history two templates write code: `annotated` the struct of today in the grammar, `plain` what each version
//! wrote, and how its values became those of today, in other words. `plain.rs` says what it takes from the rules of the
//! derives. `aggregates` puts some of the events into tables.
//!
//! `EVENTSOURCE_SEED=17` gives other histories, `EVENTSOURCE_LONG=1` more of them.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

mod aggregates;
mod annotated;
mod enums;
mod making;
mod model;
mod plain;
#[expect(unreachable_pub, reason = "the tests take their values from it, too")]
#[path = "../src/random.rs"]
mod random;
mod types;

use model::{Child, History};
use random::Random;

const SEED: u64 = 20_250;
/// Values with histories of their own, for the fields of events.
const STRUCTS: usize = 16;
const ENUMS: usize = 55;
const EVENTS: usize = 220;
const LONG_EVENTS: usize = 600;
/// Aggregates over the first of the events.
const AGGREGATES: usize = 24;

/// One history as code, with what it is written with.
struct Written {
    history: History,
    text: String,
    words: Vec<&'static str>,
}

#[expect(clippy::print_stdout, reason = "that is how cargo is told")]
fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/random.rs");
    println!("cargo::rerun-if-env-changed=EVENTSOURCE_SEED");
    println!("cargo::rerun-if-env-changed=EVENTSOURCE_LONG");
    let seed = env::var("EVENTSOURCE_SEED").map_or(SEED, |text| {
        text.parse().expect("EVENTSOURCE_SEED is a number")
    });
    let long = env::var("EVENTSOURCE_LONG").is_ok_and(|text| text == "1");
    let events = if long { LONG_EVENTS } else { EVENTS };

    let folder = env::var("OUT_DIR").expect("cargo says where to write");
    let (index, modules) = all(seed, events);
    assert!(
        all(seed, events) == (index.clone(), modules.clone()),
        "the same seed gives the same histories"
    );
    for (id, text) in &modules {
        let path = Path::new(&folder).join(id).with_extension("rs");
        fs::write(path, text).expect("the folder is ours");
    }
    fs::write(Path::new(&folder).join("histories.rs"), index).expect("the folder is ours");
}

/// The file that names all modules, and each of them.
fn all(seed: u64, events: usize) -> (String, Vec<(String, String)>) {
    let mut random = Random::new(seed);
    let mut children: Vec<Child> = Vec::new();
    let mut modules = Vec::new();
    let mut words: BTreeMap<&str, usize> = annotated::WORDS
        .iter()
        .chain(enums::WORDS)
        .chain(aggregates::WORDS)
        .map(|word| (*word, 0))
        .collect();
    for number in 0..STRUCTS {
        let written = one(&mut random, &format!("c{number:03}"), true, &[], None);
        modules.push((written.history.id.clone(), written.text));
        children.push(written.history.child());
    }
    for number in STRUCTS..STRUCTS + ENUMS {
        let wanted = enums::WORDS[number % enums::WORDS.len()];
        let (child, text, used) = loop {
            let written = enums::write(&mut random, &format!("c{number:03}"));
            if written.2.contains(wanted) {
                break written;
            }
        };
        for word in used {
            *words
                .get_mut(word)
                .unwrap_or_else(|| panic!("`{word}` is not in the list")) += 1;
        }
        modules.push((child.id.clone(), text));
        children.push(child);
    }
    let mut histories = Vec::new();
    for number in 0..events {
        // Each word is met now and then, also one that chance would seldom bring.
        let wanted = annotated::WORDS[number % annotated::WORDS.len()];
        let id = format!("h{number:03}");
        let written = one(&mut random, &id, false, &children, Some(wanted));
        for word in &written.words {
            *words
                .get_mut(word)
                .unwrap_or_else(|| panic!("`{word}` is not in the list")) += 1;
        }
        modules.push((id, written.text));
        histories.push(written.history);
    }
    let listed = histories.chunks_exact(aggregates::EVENTS).take(AGGREGATES);
    for (number, events) in listed.enumerate() {
        let id = format!("a{number:03}");
        let text = aggregates::write(&id, &events.iter().collect::<Vec<_>>());
        modules.push((id, text));
        for word in aggregates::WORDS {
            *words.entry(word).or_default() += 1;
        }
    }
    let mut index = format!(
        "/// What the histories were made from.\npub(super) const SEED: u64 = {seed};\n\
         /// In how many of them a word of the grammar occurs.\npub(super) const WORDS: &[(&str, usize)] = &[\n"
    );
    for (word, count) in &words {
        let _ = writeln!(index, "    (\"{word}\", {count}),");
    }
    index.push_str(
        "];\n/// Each history of an event.\npub(super) const CASES: &[fn() -> Tally] = &[\n",
    );
    for number in 0..events {
        let _ = writeln!(index, "    h{number:03}::run,");
    }
    index.push_str("];\n");
    for (id, _) in &modules {
        let _ = writeln!(
            index,
            "mod {id} {{\n    use super::*;\n    include!(concat!(env!(\"OUT_DIR\"), \"/{id}.rs\"));\n}}"
        );
    }
    (index, modules)
}

/// A history, with a word that it has to have.
fn one(
    random: &mut Random,
    id: &str,
    is_child: bool,
    children: &[Child],
    wanted: Option<&str>,
) -> Written {
    for _ in 0..100_000 {
        let history = making::history(random, id, is_child, children);
        let annotated = annotated::write(&history, children, random);
        if wanted.is_some_and(|wanted| !annotated.words.contains(wanted)) {
            continue;
        }
        let text = annotated.text + &plain::write(&history, children);
        return Written {
            history,
            text,
            words: annotated.words.into_iter().collect(),
        };
    }
    panic!("no history has the word {wanted:?}")
}

//! Runs the histories, and tells what is in them.

use generated_histories::Tally;

#[expect(
    unused,
    non_shorthand_field_patterns,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::str_to_string,
    reason = "nobody reads it but to find a mistake in the grammar, and it is not to be pretty then"
)]
mod generated {
    use std::collections::BTreeMap;

    use eventsource_core::{Past, Schema, Shape, prelude::*};
    use generated_histories::*;
    use serde::{Deserialize, Serialize};

    include!(concat!(env!("OUT_DIR"), "/histories.rs"));
}

/// Each word is in so many histories at least.
const LEAST: usize = 5;

#[test]
fn every_listed_word_of_the_grammar_is_met() {
    use generated::{CASES, SEED, WORDS};

    let count = CASES.len();
    assert!(count >= 200, "{count} histories");
    for (word, count) in WORDS {
        println!("{count:4} {word}");
        assert!(
            *count >= LEAST,
            "`{word}` is in {count} histories of seed {SEED}"
        );
    }
}

/// Conversions that never succeed, or never fail, would show nothing.
#[test]
fn every_outcome_is_met() {
    let all = generated::CASES
        .iter()
        .fold(Tally::default(), |all, run| all + run());
    println!("{} histories: {all:?}", generated::CASES.len());
    let counts = [
        all.today,
        all.upcast,
        all.failed_field,
        all.failed_step,
        all.refused,
    ];
    assert!(counts.iter().all(|count| *count >= 100), "{all:?}");
}

//! Everything that a suite for stores of events should test, by id, and what stands for each item here: a case, a test
//! elsewhere, or the part of the product that is still missing.

use super::{CASES, Case};

/// The letters of the items, and how many each has: `A-01` to `A-22`, and so on.
///
/// A is for appending, C for conditions and concurrency, I for append keys, R for reading, G for the global order, S for
/// subscriptions, K for checkpoints and dead letters, D for deletion and trimming, N for snapshots, T for tenants, crashes
/// and the life of a store. Ids under X are cases that this suite has beyond the list.
pub const ITEMS: &[(char, u8)] = &[
    ('A', 22),
    ('C', 38),
    ('I', 11),
    ('R', 18),
    ('G', 15),
    ('S', 27),
    ('K', 8),
    ('D', 10),
    ('N', 8),
    ('T', 15),
];

/// Items that no store can be asked for before the product has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Later {
    /// What the product does not have yet.
    pub missing: &'static str,
    /// The items that wait for it.
    pub items: &'static [&'static str],
}

const fn later(missing: &'static str, items: &'static [&'static str]) -> Later {
    Later { missing, items }
}

/// Every item without a test, and what it waits for.
pub const LATER: &[Later] = &[
    later(
        "deleting a stream",
        &[
            "C-09", "C-10", "C-11", "C-12", "C-13", "C-14", "C-15", "C-16", "S-17", "D-01", "D-02",
            "D-03", "D-08",
        ],
    ),
    later("trimming by count or age", &["D-05"]),
    later("archiving a stream", &["D-06"]),
    later(
        "personal data that can be masked and forgotten",
        &["D-09", "D-10"],
    ),
    later(
        "conditions over tags",
        &["C-27", "C-28", "C-29", "C-30", "C-31"],
    ),
    later("events that link to other events", &["R-16"]),
    later("projections that share their work", &["S-13", "S-14"]),
    later("tenants", &["T-01"]),
    later(
        "a backend on a server that others use, too",
        &["G-08", "T-06"],
    ),
    later("appends in a transaction of the caller", &["T-07"]),
    later(
        "a release with a stored format that a later one meets",
        &["T-09", "T-10"],
    ),
    later("stores that are opened for reading only", &["T-11"]),
    later(
        "metrics of a store itself: those of the repository on it are tested in core",
        &["T-13"],
    ),
];

/// Items that need what no `dyn EventStore` has, and so stand among the tests of the stores that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Elsewhere {
    /// What is needed.
    pub needed: &'static str,
    /// The items, each with the file of the repository that has its test, under a comment with its id.
    pub items: &'static [(&'static str, &'static str)],
}

/// Every item that is tested elsewhere, and where.
pub const ELSEWHERE: &[Elsewhere] = &[Elsewhere {
    needed: "the store's own transaction, whose type differs from store to store",
    items: &[
        ("K-03", "eventsource-sqlite/tests/transactions.rs"),
        ("S-27", "eventsource-sqlite/tests/runner/once.rs"),
    ],
}];

/// The items that are the least a backend has to pass.
pub const MINIMUM: &[&str] = &[
    "A-01", "A-02", "A-03", "A-04", "A-05", "A-06", "A-07", "A-08", "A-09", "C-01", "C-02", "C-03",
    "C-04", "C-05", "C-06", "C-07", "C-08", "C-09", "C-10", "C-11", "C-12", "C-13", "C-14", "C-15",
    "C-16", "C-17", "C-18", "C-19", "C-20", "C-21", "C-22", "I-01", "I-02", "I-03", "I-11", "R-01",
    "R-02", "R-03", "R-04", "R-05", "R-06", "G-01", "G-02", "G-03", "G-05", "S-01", "S-02", "S-03",
    "S-07", "S-15", "S-22", "S-23", "S-24", "S-25", "D-04", "N-01", "N-04", "T-03", "T-04", "T-08",
];

/// What stands for an item.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Standing {
    /// A case. Where it needs a capability that a store refuses, it tests the refusal.
    Case(&'static Case),
    /// Tests of the stores that have what it needs, in this file of the repository.
    Elsewhere(&'static str),
    /// Nothing before the product has what is named here.
    Later(&'static str),
}

/// What stands for an item; nothing for an id that is none.
///
/// ```
/// use eventsource_testing::suite::{Standing, standing};
///
/// let Some(Standing::Case(case)) = standing("A-01") else { panic!() };
/// assert_eq!(case.name, "a_01_an_event_is_read_back_as_it_was_written");
/// assert!(matches!(standing("R-16"), Some(Standing::Later("events that link to other events"))));
/// let there = "eventsource-sqlite/tests/transactions.rs";
/// assert!(matches!(standing("K-03"), Some(Standing::Elsewhere(file)) if file == there));
/// assert!(standing("A-99").is_none());
/// ```
pub fn standing(id: &str) -> Option<Standing> {
    if let Some(case) = CASES.iter().find(|case| case.id() == id) {
        return Some(Standing::Case(case));
    }
    let mut elsewhere = ELSEWHERE.iter().flat_map(|part| part.items);
    if let Some((_, file)) = elsewhere.find(|(item, _)| *item == id) {
        return Some(Standing::Elsewhere(file));
    }
    let waits = |later: &&Later| later.items.contains(&id);
    let later = LATER.iter().find(waits)?;
    Some(Standing::Later(later.missing))
}

/// The ids of all items, in order.
///
/// ```
/// assert_eq!(eventsource_testing::suite::items().count(), 172);
/// ```
pub fn items() -> impl Iterator<Item = String> {
    let ids = |(letter, count): &(char, u8)| {
        let letter = *letter;
        (1..=*count).map(move |number| format!("{letter}-{number:02}"))
    };
    ITEMS.iter().flat_map(ids)
}

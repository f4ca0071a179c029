//! The rule of the fraud signal on accounts drawn by chance, with withdrawals in any order of days: what it finds is what is
//! stated of it. Broken rules show that the statement tells them apart.

mod stated;

use anyhow::Result;
use bank::{
    date::Date,
    read_models::fraud::rule::{Taken, Watch, near},
};
use eventsource_core::EventId;
use eventsource_testing::proptest::{
    collection::vec,
    prelude::*,
    test_runner::{TestError, TestRng, TestRunner},
};

use self::stated::{Found, Row, are_the_cases};

/// So many accounts.
const DRAWN: u32 = 400;

/// Few days and few amounts, so that seven days have several withdrawals, and thirds are met to the haler.
fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let credit = (Just(0_i64), 1..=12_i64);
    let withdrawal = (0..20_i64, -4..=-1_i64);
    let moved = prop_oneof![1 => credit, 4 => withdrawal];
    vec(moved, 0..40).prop_map(|moved| {
        let rows = (1_u64..).zip(moved);
        rows.map(|(number, (day, change))| Row {
            number,
            day,
            change,
        })
        .collect()
    })
}

fn id(number: u64) -> EventId {
    let text = format!("00000000-0000-7000-8000-{number:012}");
    text.parse().expect("an id")
}

fn taken(row: &Row) -> Taken {
    let begin: Date = "1994-02-20".parse().expect("a day");
    Taken {
        event: id(row.number),
        version: row.number,
        day: begin.days_later(row.day),
        haler: -row.change,
    }
}

/// What the rule finds; it is given no withdrawals but those that are near, as the projection does it.
fn found(rows: &[Row]) -> Vec<Found> {
    let (mut watch, mut far) = (Watch::default(), Vec::new());
    let mut cases = Vec::new();
    for row in rows {
        if row.change > 0 {
            watch.credited(row.change);
            continue;
        }
        let taken = taken(row);
        watch.open.append(&mut far);
        watch.open.sort_by_key(|open| open.version);
        let near = near(taken.day);
        (watch.open, far) = std::mem::take(&mut watch.open)
            .into_iter()
            .partition(|open| near.contains(&open.day));
        cases.extend(watch.withdrawn(taken).map(|case| Found {
            rows: case.taken.iter().map(|taken| taken.version).collect(),
            came_in: case.came_in,
        }));
    }
    cases
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(DRAWN)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_rule_finds_what_is_stated_of_it_in_any_order_of_days(rows in any_rows()) {
        let cases = found(&rows);
        let stands = are_the_cases(&rows, &cases);
        prop_assert!(stands.is_ok(), "{:#}: {:?}", stands.unwrap_err(), cases);
    }
}

/// A rule that can be broken in each of its parts.
#[derive(Clone, Copy)]
struct Haste {
    days: i64,
    at_least: usize,
    is_too_much: fn(i64, i64) -> bool,
    /// In which order the ends of the days are looked at, in days after the withdrawal that came.
    ends: fn(i64) -> Vec<i64>,
    /// What of the account had come in by then.
    came_in: fn(&[Row], usize) -> i64,
    /// Whether a withdrawal is gone that was part of a case.
    takes_out: bool,
}

const RIGHT: Haste = Haste {
    days: 7,
    at_least: 3,
    is_too_much: |out, came_in| 3 * out > came_in,
    ends: |days| (0..days).collect(),
    came_in: |rows, at| came_in(&rows[..at]),
    takes_out: true,
};

fn came_in(rows: &[Row]) -> i64 {
    rows.iter().map(|row| row.change.max(0)).sum()
}

fn found_by(rule: &Haste, rows: &[Row]) -> Vec<Found> {
    let (mut open, mut cases) = (Vec::<Row>::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        if row.change > 0 {
            continue;
        }
        open.push(*row);
        let came_in = (rule.came_in)(rows, at);
        for later in (rule.ends)(rule.days) {
            let last = row.day + later;
            let is_of_them = |row: &Row| (last - rule.days + 1..=last).contains(&row.day);
            let its: Vec<Row> = open.iter().copied().filter(is_of_them).collect();
            let out = its.iter().map(|row| -row.change).sum();
            if its.len() >= rule.at_least && (rule.is_too_much)(out, came_in) {
                let rows = its.iter().map(|row| row.number).collect();
                cases.push(Found { rows, came_in });
                if rule.takes_out {
                    open.retain(|row| !is_of_them(row));
                }
                break;
            }
        }
    }
    cases
}

/// The same accounts in each run, so that a broken rule is found in each or in none.
fn stands_on_drawn_accounts(
    found: impl Fn(&[Row]) -> Vec<Found>,
) -> Result<(), TestError<Vec<Row>>> {
    let config = config();
    let chance = TestRng::deterministic_rng(config.rng_algorithm);
    TestRunner::new_with_rng(config, chance).run(&any_rows(), |rows| {
        are_the_cases(&rows, &found(&rows))
            .map_err(|error| TestCaseError::fail(format!("{error:#}")))
    })
}

#[test]
fn a_rule_that_is_broken_in_any_of_its_parts_is_found() {
    stands_on_drawn_accounts(|rows| found_by(&RIGHT, rows)).expect("nothing of it is broken");
    let broken = [
        (Haste { days: 6, ..RIGHT }, "are no case"),
        (Haste { days: 8, ..RIGHT }, "that is not within seven days"),
        (
            Haste {
                at_least: 2,
                ..RIGHT
            },
            "three are a case",
        ),
        (
            Haste {
                at_least: 4,
                ..RIGHT
            },
            "are no case",
        ),
        (
            Haste {
                is_too_much: |out, came_in| 3 * out >= came_in,
                ..RIGHT
            },
            "no more than a third",
        ),
        (
            Haste {
                is_too_much: |out, came_in| 2 * out > came_in,
                ..RIGHT
            },
            "are no case",
        ),
        (
            Haste {
                ends: |days| (0..days).rev().collect(),
                ..RIGHT
            },
            "the first seven days have",
        ),
        (
            Haste {
                ends: |_| vec![0],
                ..RIGHT
            },
            "are no case",
        ),
        (
            Haste {
                came_in: |rows, _| came_in(rows),
                ..RIGHT
            },
            "had come in",
        ),
        (
            Haste {
                takes_out: false,
                ..RIGHT
            },
            "is twice in cases",
        ),
    ];
    for (at, (rule, said)) in broken.iter().enumerate() {
        let stands = stands_on_drawn_accounts(|rows| found_by(rule, rows));
        let found = stands.expect_err("it is broken").to_string();
        assert!(found.contains(said), "rule {at}: {found}");
    }
}

/// Each part of the statement, on rows of which the case is known. The fourth row is dated long before the others.
#[test]
fn what_is_no_case_is_said() {
    let rows: Vec<Row> = [(1, 90), (28, -10), (29, -10), (1, -14), (27, -11)]
        .into_iter()
        .zip(1..)
        .map(|((day, change), number)| Row {
            number,
            day,
            change,
        })
        .collect();
    let case = |rows: &[u64], came_in| Found {
        rows: rows.to_vec(),
        came_in,
    };
    let right = case(&[2, 3, 5], 90);
    are_the_cases(&rows, std::slice::from_ref(&right)).expect("it is the case");
    for (cases, said) in [
        (vec![], "after row 5, [2, 3, 5] are no case"),
        (vec![right.clone(), right], "row 2 is twice in cases"),
        (vec![case(&[2, 3, 5], 91)], "90 had come in"),
        (vec![case(&[1, 3, 5], 90)], "only [3, 5] are withdrawals"),
        (vec![case(&[3, 5], 90)], "three are a case"),
        (vec![case(&[2, 3, 4], 90)], "not within seven days"),
        (vec![case(&[2, 3, 6], 90)], "after row 5"),
        (vec![case(&[], 90)], "a case has no rows"),
    ] {
        let error = are_the_cases(&rows, &cases).expect_err(said);
        let error = format!("{error:#}");
        assert!(error.contains(said), "{error}");
    }
}

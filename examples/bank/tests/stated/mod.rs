//! What the rule of the fraud signal says, stated of the cases that were found instead of done once more: it looks at all seven
//! days after each row, and takes nothing out but what was found.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};

/// A row of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its number in the account.
    pub(crate) number: u64,
    /// Its day, counted from any.
    pub(crate) day: i64,
    /// What came in, in haler; less than zero where that went out.
    pub(crate) change: i64,
}

/// A case that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The numbers of its rows, the least first.
    pub(crate) rows: Vec<u64>,
    /// What had come in, in haler.
    pub(crate) came_in: i64,
}

/// Whether these are the cases of an account, whose rows are in the order in which they were stored.
pub(crate) fn are_the_cases(rows: &[Row], cases: &[Found]) -> Result<()> {
    let (mut taken, mut found) = (BTreeSet::new(), BTreeMap::new());
    for case in cases {
        for row in &case.rows {
            ensure!(taken.insert(row), "row {row} is twice in cases");
        }
        let last = case.rows.last().context("a case has no rows")?;
        found.insert(*last, case);
    }
    let (mut came_in, mut open) = (0, Vec::new());
    for row in rows {
        if row.change < 0 {
            open.push(*row);
        } else {
            came_in += row.change;
        }
        if let Some(case) = found.remove(&row.number) {
            is_a_case(case, &open, came_in).with_context(|| format!("{case:?}"))?;
            open.retain(|open| !case.rows.contains(&open.number));
        }
        if let Some(missed) = first_seven_days(&open, came_in) {
            bail!("after row {}, {missed:?} are no case", row.number);
        }
    }
    ensure!(found.is_empty(), "there is no last row of {found:?}");
    Ok(())
}

/// Of withdrawals that were part of no case before its last row.
fn is_a_case(case: &Found, open: &[Row], came_in: i64) -> Result<()> {
    let its: Vec<&Row> = open
        .iter()
        .filter(|open| case.rows.contains(&open.number))
        .collect();
    let its_numbers: Vec<u64> = its.iter().map(|row| row.number).collect();
    ensure!(
        its_numbers == case.rows,
        "only {its_numbers:?} are withdrawals that are part of no other"
    );
    ensure!(its.len() >= 3, "three are a case");
    let days = || its.iter().map(|row| row.day);
    let (first, last) = (days().min(), days().max());
    let far = first.zip(last).map(|(first, last)| last - first);
    ensure!(
        far.is_some_and(|far| far <= 6),
        "that is not within seven days"
    );
    ensure!(case.came_in == came_in, "{came_in} had come in");
    let out: i64 = its.iter().map(|row| -row.change).sum();
    ensure!(3 * out > came_in, "that is no more than a third");
    let first = first_seven_days(open, came_in);
    ensure!(
        first.as_ref() == Some(&case.rows),
        "the first seven days have {first:?}"
    );
    Ok(())
}

/// The rows of the first seven days that would be a case. Those that end with the day of a withdrawal are looked at: where any
/// others would be one, those that end with their last withdrawal come before, and have no fewer of them.
fn first_seven_days(open: &[Row], came_in: i64) -> Option<Vec<u64>> {
    let ends: BTreeSet<i64> = open.iter().map(|row| row.day).collect();
    ends.into_iter().find_map(|end| {
        let days = end - 6..=end;
        let within = || open.iter().filter(|row| days.contains(&row.day));
        let out: i64 = within().map(|row| -row.change).sum();
        let is_case = within().count() >= 3 && 3 * out > came_in;
        is_case.then(|| within().map(|row| row.number).collect())
    })
}

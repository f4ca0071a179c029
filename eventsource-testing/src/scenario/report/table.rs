//! Expected and actual events side by side, aligned so that each stands next to what it was meant to be.

use super::{
    Block,
    json::{Field, Side},
};

/// A left column wider than this pushes the right one.
const WIDEST: usize = 48;

pub(in crate::scenario) struct Table {
    expected: Vec<Side>,
    actual: Vec<Side>,
    rows: Vec<Row>,
    reordered: bool,
}

/// Places in the two lists.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Row {
    Same(usize),
    /// One event, but not the same.
    Changed(usize, usize),
    Missing(usize),
    Extra(usize),
}

impl Table {
    /// Aligns two lists; `equals` tells for each expected event and each actual one whether they are equal.
    pub(in crate::scenario) fn new(
        expected: Vec<Side>,
        actual: Vec<Side>,
        equals: &[bool],
    ) -> Self {
        let same = |i: usize, j: usize| equals[i * actual.len() + j];
        let rows = align(expected.len(), actual.len(), &|i, j| {
            if same(i, j) {
                Some(0)
            } else {
                (expected[i].name == actual[j].name).then_some(1)
            }
        });
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|row| match row {
                Row::Changed(i, j) if same(i, j) => Row::Same(i),
                row => row,
            })
            .collect();
        let reordered = expected.len() == actual.len() && is_permutation(expected.len(), &same);
        Self {
            expected,
            actual,
            rows,
            reordered,
        }
    }

    /// Whether the same events came, but not in the expected order.
    pub(in crate::scenario) fn is_reordered(&self) -> bool {
        self.reordered
    }

    pub(in crate::scenario) fn lines(&self) -> Block {
        let mut cells = vec![(
            " #  ".to_owned(),
            "expected".to_owned(),
            "actual".to_owned(),
            false,
        )];
        for (number, row) in (1..).zip(&self.rows) {
            let lead = |mark: char| format!("{number:>2} {mark}");
            match *row {
                Row::Same(i) => {
                    cells.push((
                        lead(' '),
                        self.expected[i].inline(),
                        "(same)".to_owned(),
                        false,
                    ));
                }
                Row::Missing(i) => {
                    cells.push((lead('-'), self.expected[i].inline(), String::new(), false));
                }
                Row::Extra(j) => {
                    cells.push((lead('+'), String::new(), self.actual[j].inline(), false));
                }
                Row::Changed(i, j) => {
                    let (expected, actual) = (&self.expected[i], &self.actual[j]);
                    cells.push((lead('~'), expected.title(), actual.title(), false));
                    cells.extend(changes(expected, actual));
                }
            }
        }
        layout(&cells)
    }

    /// What to do next.
    pub(in crate::scenario) fn hint(&self, command: &str) -> String {
        let title = |side: &Side| format!("`{}`", side.name);
        if self.reordered {
            let order: Vec<_> = self.actual.iter().map(title).collect();
            return format!(
                "`then` compares the order: if {} is right, expect it so; if not, mend the handler of `{command}`",
                order.join(", ")
            );
        }
        let mut parts = Vec::new();
        for row in &self.rows {
            match *row {
                Row::Same(_) => {}
                Row::Changed(i, j) => parts.push(change(&self.expected[i], &self.actual[j])),
                Row::Missing(i) => parts.push(format!("{} did not come", title(&self.expected[i]))),
                Row::Extra(j) => parts.push(format!("{} is one too many", title(&self.actual[j]))),
            }
        }
        let change = match (self.expected.is_empty(), self.actual.is_empty()) {
            (_, true) => "write `.then_nothing()`",
            (true, false) => "write `.then(..)` with it",
            _ => "change `.then(..)`",
        };
        let leave = if self.rows.iter().any(|row| matches!(row, Row::Extra(_))) {
            "; `.ignoring::<..>()` leaves out events of a type"
        } else {
            ""
        };
        format!(
            "{}: mend the handler of `{command}`, or {change} if this is right{leave}",
            parts.join(", ")
        )
    }
}

/// The cheapest alignment: an equal pair costs nothing, a pair of one name 1, an event alone 1 as well, so that a pair
/// is preferred to two loners.
fn align(n: usize, m: usize, cost: &dyn Fn(usize, usize) -> Option<u32>) -> Vec<Row> {
    // `best[i][j]` is what aligning the rest from `i` and `j` on costs.
    let mut best = vec![vec![0_u32; m + 1]; n + 1];
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            let alone = [
                (i < n).then(|| best[i + 1][j] + 1),
                (j < m).then(|| best[i][j + 1] + 1),
            ];
            let pair = if i < n && j < m {
                cost(i, j).map(|c| c + best[i + 1][j + 1])
            } else {
                None
            };
            best[i][j] = alone.into_iter().chain([pair]).flatten().min().unwrap_or(0);
        }
    }
    let (mut rows, mut i, mut j) = (Vec::new(), 0, 0);
    while i < n || j < m {
        let pair = if i < n && j < m {
            cost(i, j).map(|c| c + best[i + 1][j + 1])
        } else {
            None
        };
        if pair == Some(best[i][j]) {
            rows.push(Row::Changed(i, j));
            (i, j) = (i + 1, j + 1);
        } else if i < n && best[i][j] == best[i + 1][j] + 1 {
            rows.push(Row::Missing(i));
            i += 1;
        } else {
            rows.push(Row::Extra(j));
            j += 1;
        }
    }
    rows
}

/// Whether each expected event has an equal actual one of its own.
fn is_permutation(n: usize, same: &dyn Fn(usize, usize) -> bool) -> bool {
    let mut taken = vec![false; n];
    (0..n).all(|i| {
        let own = (0..n).find(|j| !taken[*j] && same(i, *j));
        own.map(|j| taken[j] = true).is_some()
    })
}

/// The first difference of two events, for the hint.
fn change(expected: &Side, actual: &Side) -> String {
    let fields = expected.fields(actual);
    let mut differing = fields.iter().filter(|field| field.differs);
    match (differing.next(), differing.count()) {
        (None, _) => format!("`{}` is not equal to the expected one", actual.name),
        (
            Some(Field {
                expected,
                actual: came,
                ..
            }),
            more,
        ) => {
            let more = if more > 0 { " and more" } else { "" };
            format!(
                "`{}` came with `{came}`, not `{expected}`{more}",
                actual.name
            )
        }
    }
}

type Cells = (String, String, String, bool);

fn changes(expected: &Side, actual: &Side) -> Vec<Cells> {
    let fields = expected.fields(actual);
    let alike = !fields.iter().any(|field| field.differs) && expected.version == actual.version;
    let mut cells: Vec<Cells> = fields
        .into_iter()
        .map(
            |Field {
                 expected,
                 actual,
                 differs,
             }| {
                (
                    String::new(),
                    format!("  {expected}"),
                    format!("  {actual}"),
                    differs,
                )
            },
        )
        .collect();
    if alike {
        let why = "  (stored alike, but not equal: they differ in something that is not stored)";
        cells.push((String::new(), why.to_owned(), String::new(), false));
    }
    cells
}

fn layout(cells: &[Cells]) -> Block {
    let chars = |text: &String| text.chars().count();
    let paired = |(_, left, right, _): &&Cells| !right.is_empty() && chars(left) <= WIDEST;
    let width = cells
        .iter()
        .filter(paired)
        .map(|(_, left, ..)| chars(left))
        .max()
        .unwrap_or(0);
    let marked = cells.iter().filter(|(.., differs)| *differs);
    let right = marked
        .map(|(_, _, right, _)| chars(right))
        .max()
        .unwrap_or(0);
    let mut block = Block::default();
    for (lead, left, actual, differs) in cells {
        if *differs {
            block.add_wrong(format!("{lead:<5}{left:<width$}  {actual:<right$}  <--"));
        } else if lead.ends_with(['+', '-']) {
            block.add_wrong(format!("{lead:<5}{left:<width$}  {actual}"));
        } else {
            block.add(format!("{lead:<5}{left:<width$}  {actual}"));
        }
    }
    block
}

//! The statement of a read: which index leads it, and what is left to look at in each row.

use std::fmt::Write as _;

use eventsource_core::Tag;
use rusqlite::types::Value;

use crate::row::COLUMNS;

/// What leads a read: the index that it follows. The keys are versions for a stream and positions for all else.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lead {
    All,
    Stream(i64),
    /// One walk along the index for each category, merged.
    Categories(Vec<i64>),
    /// One walk along the index for each name, merged.
    Names(Vec<i64>),
    Tag(Tag),
    /// The conversation with this id.
    Correlation(Id),
    /// One walk along the index for each cause, merged.
    Causes(Vec<Id>),
}

/// The bytes of a UUID.
pub(super) type Id = [u8; 16];

/// What is asked of each row that the index leads to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rest {
    /// Any of them; empty for every category.
    pub(super) categories: Vec<i64>,
    /// Any of them; empty for every name.
    pub(super) names: Vec<i64>,
    /// None of them.
    pub(super) except: Vec<i64>,
    /// All of them.
    pub(super) tags: Vec<Tag>,
    pub(super) correlation: Option<Id>,
    /// Any of them; empty for every cause.
    pub(super) causes: Vec<Id>,
    /// Both inclusive.
    pub(super) occurred: Option<(i64, i64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) lead: Lead,
    pub(super) rest: Rest,
    pub(super) backward: bool,
}

impl Rest {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Plan {
    pub(super) fn is_of_stream(&self) -> bool {
        matches!(self.lead, Lead::Stream(_))
    }

    /// The text of the statement. It depends on the kind of the plan, never on a value: `?1` and `?2` are the bounds of
    /// the key, `?3` is the limit, and [`Plan::values`] are the rest.
    pub(super) fn sql(&self) -> String {
        let (mut sql, mut next) = (String::new(), 4);
        match &self.lead {
            Lead::All => {
                Self::select(&mut sql, "events e NOT INDEXED", "e.position", None);
                self.rest(&mut sql, &mut next);
                self.order(&mut sql, "e.position");
            }
            Lead::Stream(_) => {
                let table = "events e INDEXED BY events_by_stream";
                Self::select(&mut sql, table, "e.version", Some(("e.stream", next)));
                next += 1;
                self.rest(&mut sql, &mut next);
                self.order(&mut sql, "e.version");
            }
            Lead::Categories(categories) => {
                let table = "events e INDEXED BY events_by_category";
                self.merged(&mut sql, (table, "e.category"), categories.len(), next);
            }
            Lead::Names(names) => {
                let table = "events e INDEXED BY events_by_name";
                self.merged(&mut sql, (table, "e.name"), names.len(), next);
            }
            Lead::Causes(causes) => {
                let table = "events e INDEXED BY events_by_causation";
                self.merged(&mut sql, (table, "e.causation"), causes.len(), next);
            }
            Lead::Correlation(_) => {
                let table = "events e INDEXED BY events_by_correlation";
                let equal = Some(("e.correlation", next));
                Self::select(&mut sql, table, "e.position", equal);
                next += 1;
                self.rest(&mut sql, &mut next);
                self.order(&mut sql, "e.position");
            }
            Lead::Tag(_) => {
                let table = "tags t CROSS JOIN events e ON e.position = t.position";
                Self::select(&mut sql, table, "t.position", Some(("t.tag", next)));
                next += 1;
                self.rest(&mut sql, &mut next);
                self.order(&mut sql, "t.position");
            }
        }
        sql
    }

    /// The values from `?4` on.
    pub(super) fn values(&self) -> Vec<Value> {
        let mut values = match &self.lead {
            Lead::All => Vec::new(),
            Lead::Stream(number) => vec![Value::Integer(*number)],
            Lead::Categories(numbers) | Lead::Names(numbers) => {
                numbers.iter().copied().map(Value::Integer).collect()
            }
            Lead::Tag(tag) => vec![Value::Text(tag.to_string())],
            Lead::Correlation(id) => vec![Value::Blob(id.to_vec())],
            Lead::Causes(causes) => causes.iter().map(|id| Value::Blob(id.to_vec())).collect(),
        };
        let Rest {
            categories,
            names,
            except,
            tags,
            correlation,
            causes,
            occurred,
        } = &self.rest;
        for numbers in [categories, names, except] {
            if !numbers.is_empty() {
                let numbers: Vec<_> = numbers.iter().map(i64::to_string).collect();
                values.push(Value::Text(format!("[{}]", numbers.join(","))));
            }
        }
        values.extend(tags.iter().map(|tag| Value::Text(tag.to_string())));
        values.extend(correlation.map(|id| Value::Blob(id.to_vec())));
        if !causes.is_empty() {
            let causes: Vec<_> = causes.iter().map(|id| format!("\"{}\"", hex(id))).collect();
            values.push(Value::Text(format!("[{}]", causes.join(","))));
        }
        if let Some((from, to)) = occurred {
            values.extend([Value::Integer(*from), Value::Integer(*to)]);
        }
        values
    }

    /// One walk along an index for each of `count` values of its column, merged.
    fn merged(&self, sql: &mut String, (table, column): (&str, &str), count: usize, first: usize) {
        for number in 0..count {
            if number > 0 {
                sql.push_str(" UNION ALL ");
            }
            Self::select(sql, table, "e.position", Some((column, first + number)));
            self.rest(sql, &mut (first + count));
        }
        // In a union a column has no table any more.
        self.order(sql, "1");
    }

    fn select(sql: &mut String, table: &str, key: &str, equal: Option<(&str, usize)>) {
        append(sql, format_args!("SELECT {COLUMNS} FROM {table} WHERE "));
        if let Some((column, value)) = equal {
            append(sql, format_args!("{column} = ?{value} AND "));
        }
        append(sql, format_args!("{key} BETWEEN ?1 AND ?2"));
    }

    fn rest(&self, sql: &mut String, next: &mut usize) {
        let mut value = || {
            let value = *next;
            *next += 1;
            value
        };
        for (column, kind, numbers) in [
            ("category", "IN", &self.rest.categories),
            ("name", "IN", &self.rest.names),
            ("name", "NOT IN", &self.rest.except),
        ] {
            if !numbers.is_empty() {
                let list = value();
                // The sign keeps the index of this column out of the plan.
                append(
                    sql,
                    format_args!(" AND +e.{column} {kind} (SELECT value FROM json_each(?{list}))"),
                );
            }
        }
        for _ in &self.rest.tags {
            let tag = value();
            append(
                sql,
                format_args!(
                    " AND EXISTS (SELECT 1 FROM tags o WHERE o.tag = ?{tag} AND o.position = e.position)"
                ),
            );
        }
        if self.rest.correlation.is_some() {
            append(sql, format_args!(" AND +e.correlation = ?{}", value()));
        }
        if !self.rest.causes.is_empty() {
            let causes = value();
            append(
                sql,
                format_args!(
                    " AND +e.causation IN (SELECT unhex(value) FROM json_each(?{causes}))"
                ),
            );
        }
        if self.rest.occurred.is_some() {
            let (from, to) = (value(), value());
            append(
                sql,
                format_args!(" AND +e.occurred_at BETWEEN ?{from} AND ?{to}"),
            );
        }
    }

    fn order(&self, sql: &mut String, key: &str) {
        let direction = if self.backward { "DESC" } else { "ASC" };
        append(sql, format_args!(" ORDER BY {key} {direction} LIMIT ?3"));
    }
}

fn hex(id: &Id) -> String {
    let mut hex = String::with_capacity(32);
    for byte in id {
        append(&mut hex, format_args!("{byte:02x}"));
    }
    hex
}

fn append(sql: &mut String, text: std::fmt::Arguments<'_>) {
    sql.write_fmt(text).expect("a String takes every text");
}

/// The steps in which SQLite would answer a statement.
#[cfg(any(test, feature = "fault"))]
pub(super) fn explain(
    connection: &rusqlite::Connection,
    sql: &str,
) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let values = std::iter::repeat_n(1, statement.parameter_count());
    let steps = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3))?;
    steps.collect()
}

/// Whether a step goes through a whole table, or sorts. A list of values is no table, nor is the inner half of a merge.
#[cfg(any(test, feature = "fault"))]
pub(super) fn is_wasteful(step: &str) -> bool {
    let is_list = step.contains("json_each") || step.contains("CONSTANT ROW");
    let is_inner = step.contains("SCAN (subquery");
    step.contains("SCAN") && !is_list && !is_inner || step.contains("TEMP B-TREE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::in_memory;

    fn plans() -> Vec<Plan> {
        let tag = |text: &str| Tag::new(text).expect("a tag");
        let leads = [
            Lead::All,
            Lead::Stream(1),
            Lead::Categories(vec![1]),
            Lead::Categories((1..).take(super::super::bounds::MERGED).collect()),
            Lead::Names(vec![1]),
            Lead::Names((1..).take(super::super::bounds::MERGED).collect()),
            Lead::Tag(tag("a")),
            Lead::Correlation([1; 16]),
            Lead::Causes(vec![[1; 16]]),
            Lead::Causes(vec![[1; 16]; super::super::bounds::MERGED]),
        ];
        let mut plans = Vec::new();
        for lead in leads {
            for bits in 0..256_u32 {
                let has = |bit: u32| bits & (1 << bit) != 0;
                plans.push(Plan {
                    lead: lead.clone(),
                    rest: Rest {
                        categories: if has(0) { vec![1, 2] } else { Vec::new() },
                        names: if has(1) { vec![1, 2] } else { Vec::new() },
                        except: if has(7) { vec![3] } else { Vec::new() },
                        tags: if has(2) {
                            vec![tag("b"), tag("c")]
                        } else {
                            Vec::new()
                        },
                        correlation: has(5).then_some([1; 16]),
                        causes: if has(6) {
                            vec![[1; 16], [2; 16]]
                        } else {
                            Vec::new()
                        },
                        occurred: has(3).then_some((1, 2)),
                    },
                    backward: has(4),
                });
            }
        }
        plans
    }

    #[test]
    fn no_statement_scans_or_sorts_a_table() {
        let connection = in_memory();
        let reads = plans().into_iter().map(|plan| plan.sql());
        let all = reads.chain(crate::sql::ALL.iter().map(|&sql| sql.to_owned()));
        for sql in all {
            let mut steps = explain(&connection, &sql).expect("a plan");
            steps.retain(|step| is_wasteful(step));
            assert!(steps.is_empty(), "{steps:?} in {sql}");
        }
    }

    #[test]
    fn a_step_that_scans_or_sorts_is_told_apart() {
        let connection = in_memory();
        for (sql, wasteful) in [
            ("SELECT * FROM events", true),
            ("SELECT * FROM events WHERE position = 1", false),
            (
                "SELECT * FROM events WHERE position > 1 ORDER BY name",
                true,
            ),
        ] {
            let steps = explain(&connection, sql).expect("a plan");
            let found = steps.iter().any(|step| is_wasteful(step));
            assert_eq!(found, wasteful, "{sql}: {steps:?}");
        }
    }

    #[test]
    fn each_read_follows_its_index() {
        let connection = in_memory();
        for plan in plans() {
            let lines = explain(&connection, &plan.sql()).expect("a plan");
            let lines = lines.join("\n");
            let index = match plan.lead {
                Lead::All => "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
                Lead::Stream(_) => "events_by_stream (stream=? AND version>? AND version<?)",
                Lead::Categories(_) => "events_by_category (category=? AND rowid>? AND rowid<?)",
                Lead::Names(_) => "events_by_name (name=? AND rowid>? AND rowid<?)",
                Lead::Tag(_) => "SEARCH t USING PRIMARY KEY (tag=? AND position>? AND position<?)",
                Lead::Correlation(_) => {
                    "events_by_correlation (correlation=? AND rowid>? AND rowid<?)"
                }
                Lead::Causes(_) => "events_by_causation (causation=? AND rowid>? AND rowid<?)",
            };
            assert!(lines.contains(index), "{lines} for {plan:?}");
        }
    }

    #[test]
    fn snapshots_are_found_and_let_go_of_by_their_indexes() {
        let connection = in_memory();
        let (fingerprint, version) = (
            "snapshots_by_fingerprint (stream=? AND fingerprint=? AND version<?)",
            "snapshots_by_version (stream=? AND version<?)",
        );
        let range = "snapshots_by_version (stream=? AND version>? AND version<?)";
        for (sql, indexes) in [
            (crate::sql::FIND_SNAPSHOT, &[fingerprint, version][..]),
            (crate::sql::THIN_SNAPSHOTS, &[fingerprint]),
            (crate::sql::DELETE_SNAPSHOTS, &[range]),
            (
                crate::sql::DELETE_SNAPSHOTS_OF_FINGERPRINT,
                &["snapshots_by_"],
            ),
        ] {
            let lines = explain(&connection, sql).expect("a plan").join("\n");
            for index in indexes {
                assert!(lines.contains(index), "{lines} for {sql}");
            }
        }
    }

    #[test]
    fn there_is_a_value_for_each_parameter() {
        let connection = in_memory();
        for plan in plans() {
            let statement = connection.prepare(&plan.sql()).expect("a statement");
            assert_eq!(
                statement.parameter_count(),
                3 + plan.values().len(),
                "{plan:?}"
            );
        }
    }
}

//! A run that is watched, and what was seen of it.

use std::{collections::BTreeMap, fmt::Write as _};

use eventsource_core::signal::names::{Kind, metric};
use expect_test::Expect;

use crate::{
    recorder::{Metrics, Series},
    subscriber::{Log, Told},
};

/// What was told of a run.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) told: Vec<Told>,
    /// All metrics with their labels and values.
    pub(crate) metrics: BTreeMap<Series, Vec<f64>>,
}

/// Runs something on this thread, with all its signals kept.
pub(crate) fn watch<T>(run: impl Future<Output = T>) -> (T, Seen) {
    let (log, metrics) = (Log::default(), Metrics::default());
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().expect("a runtime");
    let done = metrics::with_local_recorder(&metrics, || {
        tracing::subscriber::with_default(log.clone(), || runtime.block_on(run))
    });
    let mut all = BTreeMap::new();
    for kind in [metrics.counters, metrics.gauges, metrics.histograms] {
        let kind = kind.into_inner().expect("not poisoned");
        all.extend(
            kind.into_iter()
                .map(|(series, values)| (series, values.all())),
        );
    }
    let told = log.end();
    (done, Seen { told, metrics: all })
}

impl Seen {
    /// The spans and events of one name.
    pub(crate) fn of(&self, name: &str) -> Vec<&Told> {
        self.told.iter().filter(|told| told.name == name).collect()
    }

    /// A field of all spans and events of one name, in their order.
    pub(crate) fn field(&self, name: &str, field: &str) -> Vec<&str> {
        let fields = self.of(name).into_iter().map(|told| &told.fields);
        fields
            .filter_map(|fields| fields.get(field).map(String::as_str))
            .collect()
    }

    /// The values of a metric, whatever its labels.
    pub(crate) fn values(&self, name: &str) -> Vec<f64> {
        let of_name = self.metrics.iter().filter(|((of, _), _)| of == name);
        of_name
            .flat_map(|(_, values)| values.iter().copied())
            .collect()
    }

    /// What a counter has come to, whatever its labels.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are whole and small in a test"
    )]
    pub(crate) fn count(&self, name: &str) -> u64 {
        let counts = self.values(name).into_iter();
        counts.map(|count| count as u64).sum()
    }

    /// All of it as text: spans and events as a tree, then the metrics. Of times it says only how many there are, and of all
    /// states only the one that is.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.branch(None, 0, &mut text);
        for ((name, labels), values) in &self.metrics {
            let is_none = values.last().is_some_and(|last| *last < 0.5);
            if name == metric::PROJECTION_STATE && is_none {
                continue;
            }
            write!(text, "{name}").expect("a text");
            for (label, value) in labels {
                write!(text, " {label}={value}").expect("a text");
            }
            let one = metric::ALL.iter().find(|one| one.name == name);
            let one = one.expect("it is listed");
            match (one.kind, one.unit) {
                (Kind::Histogram, "seconds") => {
                    assert!(values.iter().all(|value| *value >= 0.0), "{values:?}");
                    writeln!(text, ": {} times", values.len())
                }
                (Kind::Counter, _) => writeln!(text, ": {}", values.iter().sum::<f64>()),
                (Kind::Gauge, _) => writeln!(text, ": {} at last", values[values.len() - 1]),
                _ => writeln!(text, ": {values:?}"),
            }
            .expect("a text");
        }
        text
    }

    fn branch(&self, parent: Option<usize>, depth: usize, text: &mut String) {
        for (place, told) in self.told.iter().enumerate() {
            if told.parent != parent {
                continue;
            }
            let (sign, level) = (if told.is_span { "+" } else { "-" }, &told.level);
            write!(text, "{:1$}{sign} {level} {2}", "", depth * 2, told.name).expect("a text");
            for (name, value) in &told.fields {
                let value = value.trim_start_matches("00000000-0000-0000-0000-0000000000");
                write!(text, " {name}={value}").expect("a text");
            }
            if let Some(follows) = told.follows {
                write!(text, " (follows from {})", self.told[follows].name).expect("a text");
            }
            text.push('\n');
            if told.is_span {
                self.branch(Some(place), depth + 1, text);
            }
        }
    }

    /// Exactly this was told.
    #[track_caller]
    pub(crate) fn is(self, expected: &Expect) -> Self {
        expected.assert_eq(&self.text());
        self
    }
}

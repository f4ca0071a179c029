//! A recorder that keeps what it is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

/// The values of a metric: of a counter what was added, of a gauge what was set, each time.
#[derive(Debug, Default)]
pub(crate) struct Values(Mutex<Vec<f64>>);

impl Values {
    pub(crate) fn all(&self) -> Vec<f64> {
        self.0.lock().expect("not poisoned").clone()
    }
}

impl CounterFn for Values {
    fn increment(&self, value: u64) {
        let value = u32::try_from(value).expect("small in a test");
        self.record(value.into());
    }

    fn absolute(&self, _: u64) {
        unreachable!("counters only grow");
    }
}

impl GaugeFn for Values {
    fn increment(&self, _: f64) {
        unreachable!("gauges are set");
    }

    fn decrement(&self, _: f64) {
        unreachable!("gauges are set");
    }

    fn set(&self, value: f64) {
        self.record(value);
    }
}

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().expect("not poisoned").push(value);
    }
}

/// A name with its labels, as in `name{label=value}`.
pub(crate) type Series = (String, Vec<(String, String)>);

/// Name, kind, unit, meaning.
pub(crate) type Description = (String, &'static str, Option<Unit>, String);

/// What was counted and measured.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) counters: Mutex<BTreeMap<Series, Arc<Values>>>,
    pub(crate) gauges: Mutex<BTreeMap<Series, Arc<Values>>>,
    pub(crate) histograms: Mutex<BTreeMap<Series, Arc<Values>>>,
    pub(crate) described: Mutex<Vec<Description>>,
}

fn series(key: &Key) -> Series {
    let labels = key.labels();
    let labels = labels.map(|label| (label.key().to_owned(), label.value().to_owned()));
    (key.name().to_owned(), labels.collect())
}

impl Recorder for Metrics {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let described = (
            key.as_str().to_owned(),
            "Counter",
            unit,
            description.into_owned(),
        );
        self.described.lock().expect("not poisoned").push(described);
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let described = (
            key.as_str().to_owned(),
            "Gauge",
            unit,
            description.into_owned(),
        );
        self.described.lock().expect("not poisoned").push(described);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        let described = (
            key.as_str().to_owned(),
            "Histogram",
            unit,
            description.into_owned(),
        );
        self.described.lock().expect("not poisoned").push(described);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.counters.lock().expect("not poisoned");
        Counter::from_arc(Arc::clone(counters.entry(series(key)).or_default()))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let mut gauges = self.gauges.lock().expect("not poisoned");
        Gauge::from_arc(Arc::clone(gauges.entry(series(key)).or_default()))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let mut histograms = self.histograms.lock().expect("not poisoned");
        Histogram::from_arc(Arc::clone(histograms.entry(series(key)).or_default()))
    }
}

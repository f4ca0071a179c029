//! What the metrics mean, for whoever records them.

use metrics::{Unit, with_recorder};

use super::names::{Kind, Metric, metric};

/// Tells the recorder what each metric means and in which unit it is. To be called once, after a recorder was installed.
///
/// ```
/// // A recorder is installed by its own crate; without one, nothing is told and nothing is counted.
/// eventsource_core::signal::describe_metrics();
/// ```
pub fn describe_metrics() {
    with_recorder(|recorder| {
        for &Metric {
            name,
            kind,
            unit,
            meaning,
        } in metric::ALL
        {
            let unit = Unit::from_string(unit);
            match kind {
                Kind::Counter => recorder.describe_counter(name.into(), unit, meaning.into()),
                Kind::Histogram => recorder.describe_histogram(name.into(), unit, meaning.into()),
                Kind::Gauge => recorder.describe_gauge(name.into(), unit, meaning.into()),
            }
        }
    });
}

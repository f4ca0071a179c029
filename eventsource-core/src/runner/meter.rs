//! How many events pass in a second.

use crate::time::Timestamp;

/// How long one count lasts, in microseconds.
const SPAN: i64 = 10_000_000;

/// Counts over the present span of ten seconds and the one before.
#[derive(Debug, Default)]
pub(super) struct Meter {
    now: Option<Count>,
    before: Option<Count>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Timestamp,
    events: u64,
}

impl Meter {
    pub(super) fn count(&mut self, events: usize, at: Timestamp) {
        let events = events as u64;
        match &mut self.now {
            Some(count) if micros(count.since, at) < SPAN => count.events += events,
            _ => {
                self.before = self.now;
                self.now = Some(Count { since: at, events });
            }
        }
    }

    /// Events per second; 0 where none has passed lately.
    pub(super) fn rate(&self, at: Timestamp) -> f64 {
        let lately = |count: &Count| micros(count.since, at) < 2 * SPAN;
        let counts = [self.before, self.now];
        let counts = counts.iter().flatten().filter(|count| lately(count));
        let (mut since, mut events) = (None, 0);
        for count in counts {
            since = since.or(Some(count.since));
            events += count.events;
        }
        since.map_or(0.0, |since| {
            // A rate over less than this would jump.
            let span = micros(since, at).max(SPAN / 10);
            seconds(events) * 1e6 / seconds(span.unsigned_abs())
        })
    }
}

fn micros(from: Timestamp, to: Timestamp) -> i64 {
    to.as_micros().saturating_sub(from.as_micros()).max(0)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is shown to people")]
fn seconds(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_the_last_seconds_and_falls_to_nothing() {
        let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
        let mut meter = Meter::default();
        assert!(meter.rate(at(0)) < 1e-9);
        for second in 0..30 {
            meter.count(100, at(second));
        }
        let rate = meter.rate(at(30));
        assert!((95.0..=106.0).contains(&rate), "{rate}");
        assert!(meter.rate(at(60)) < 1e-9);
    }
}

//! A read model that is built, and built anew by a later version of the code.

use std::{path::Path, time::Instant};

use eventsource_core::{EventStore as _, RunSettings, Runner};

use crate::{
    common::open,
    jars::{Fills, fill, fill_all},
    runners::LONG,
    writers::{hears, say},
};

/// How many events of each jar there are.
const OF_EACH: u64 = 10;

/// Fills jars, in turns, and builds the read model of version 1. Each of its rows has so many bytes more.
pub(crate) async fn build(path: &Path, events: u64, padding: usize) {
    /// In one append.
    const AT_ONCE: usize = 500;
    let store = open(path).await;
    let jars = events / OF_EACH;
    for begin in (1..events).step_by(AT_ONCE) {
        let end = (begin + AT_ONCE as u64).min(events);
        let all = (begin..end).map(|number| number % jars);
        store.append(fill_all(all)).await.unwrap();
    }
    let last = store.append(fill(0)).await.unwrap();
    let by = "b".repeat(padding);
    let runner = Runner::new(store).with(Fills::<1> { by }).start().unwrap();
    runner.wait_for(&last, LONG).await.unwrap();
    runner.stop().await;
}

/// Runs version 2, says when it is read, and ends at the head when it is told to.
pub(crate) async fn rebuild(path: &Path, padding: usize) {
    let begun = Instant::now();
    let store = open(path).await;
    let by = "r".repeat(padding);
    let runner = Runner::new(store.clone())
        .with_settings(Fills::<2> { by }, RunSettings::default())
        .start()
        .unwrap();
    // What is read has this one only after the switch: version 1 does not move any more.
    let before = store.append(fill(0)).await.unwrap();
    runner.wait_for(&before, LONG).await.unwrap();
    let millis = begun.elapsed().as_millis();
    say(&format!("switched {} {millis}", peak()));
    hears().await;
    let head = store.append(fill(0)).await.unwrap();
    runner.wait_for(&head, LONG).await.unwrap();
    runner.stop().await;
}

/// The greatest resident set of this process so far, in KiB; 0 where the system does not say.
pub(crate) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let peak = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().strip_suffix("kB"));
    kib.map_or(0, |kib| kib.trim().parse().unwrap())
}

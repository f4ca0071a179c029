//! A read model is built anew by a later version of the code, while it is read and written.
//!
//! `EVENTSOURCE_LONG=1` rebuilds a million events instead of some thousands.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
mod fills;
mod process;

use std::{
    path::Path,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use common::folder;
use fills::{connect, whole};
use process::Process;

fn is_long() -> bool {
    std::env::var_os("EVENTSOURCE_LONG").is_some_and(|value| value == "1")
}

/// How many bytes each row has beside its numbers.
type Padding = usize;

fn build(path: &Path, events: i64, padding: Padding) {
    let [events, padding] = [events.to_string(), padding.to_string()];
    Process::start("build", path, &[&events, &padding]).end();
}

fn rebuilds(path: &Path, padding: Padding) -> Process {
    Process::start("rebuild", path, &[&padding.to_string()])
}

/// What one statement sees of the read model.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Seen {
    /// Which version of the code has made all of it.
    made_by: u32,
    /// Each of the first events is there, and nothing else.
    events: i64,
}

/// What is told where a read model is a mixture, has a hole or is empty.
fn seen((lowest, highest, events, last, sum): (u32, u32, i64, i64, i64)) -> Result<Seen, String> {
    let made_by = (lowest == highest).then_some(lowest);
    let is_whole = events > 0 && last == events && sum == events * (events + 1) / 2;
    let seen = made_by.map(|made_by| Seen { made_by, events });
    let seen = seen.filter(|_| is_whole);
    seen.ok_or_else(|| format!("{events} events up to {last} by {lowest} to {highest}"))
}

/// Reads again and again until it is told to end, and once more. The first thing that it has seen, and the last one.
fn read(path: &Path, has_begun: &Barrier, is_over: &AtomicBool) -> (Seen, Seen) {
    let raw = connect(path);
    let look = || {
        let sql =
            "SELECT min(made_by), max(made_by), count(*), max(position), sum(position) FROM fills";
        let row = raw.query_row(sql, [], |row| {
            let (lowest, highest, events) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((lowest, highest, events, row.get(3)?, row.get(4)?))
        });
        seen(row.expect("a read model is there")).expect("it is whole")
    };
    let first = look();
    has_begun.wait();
    let mut last = first;
    loop {
        let is_last = is_over.load(Ordering::SeqCst);
        let now = look();
        assert!(
            now.made_by >= last.made_by && now.events >= last.events,
            "{now:?} after {last:?}"
        );
        last = now;
        if is_last {
            return (first, last);
        }
    }
}

#[tokio::test]
async fn readers_see_the_old_version_until_the_switch_and_then_the_new_one_while_writers_go_on() {
    const READERS: usize = 3;
    let events = if is_long() { 1_000_000 } else { 20_000 };
    let (_folder, path) = folder();
    build(&path, events, 10);
    let has_begun = Arc::new(Barrier::new(READERS + 1));
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [(); READERS]
        .map(|()| {
            let shared = (path.clone(), Arc::clone(&has_begun), Arc::clone(&is_over));
            thread::spawn(move || read(&shared.0, &shared.1, &shared.2))
        })
        .into();
    has_begun.wait();
    let mut writer = Process::ready("fill", &path);
    writer.go();
    writer.says("stored");
    let mut rebuilds = rebuilds(&path, 10);
    let while_writing = thread::spawn(move || {
        rebuilds.says("switched");
        rebuilds
    });
    let mut written = 1_i64;
    while !while_writing.is_finished() {
        assert_eq!(writer.says("stored"), written.to_string());
        written += 1;
    }
    let mut rebuilds = while_writing.join().unwrap();
    is_over.store(true, Ordering::SeqCst);
    for reader in readers {
        let (first, last) = reader.join().unwrap();
        assert_eq!((first.made_by, first.events), (1, events));
        assert_eq!(last.made_by, 2);
        assert!(last.events > events);
    }
    writer.go();
    written += i64::try_from(writer.end().len()).unwrap();
    rebuilds.go();
    rebuilds.end();
    // The rebuild has filled in one at its beginning, and one at its end.
    assert_eq!(whole(&path).await, Ok(events + written + 2));
}

#[test]
fn a_mixture_a_hole_and_nothing_are_told() {
    assert!(seen((1, 1, 3, 3, 6)).is_ok());
    for wrong in [
        (1, 2, 3, 3, 6),
        (1, 1, 3, 4, 8),
        (1, 1, 3, 3, 5),
        (1, 1, 0, 0, 0),
    ] {
        assert!(seen(wrong).is_err(), "{wrong:?}");
    }
}

/// The greatest resident set of a process that rebuilds so many events, in KiB.
#[cfg(target_os = "linux")]
fn peak(events: i64, padding: Padding) -> u64 {
    let (_folder, path) = folder();
    build(&path, events, padding);
    let mut rebuilds = rebuilds(&path, padding);
    let said = rebuilds.says("switched");
    let (peak, _millis) = said.split_once(' ').unwrap();
    rebuilds.go();
    rebuilds.end();
    peak.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_rebuild_of_ten_times_as_many_events_takes_at_most_a_fifth_more_memory() {
    // With long rows a few events are as much to write as many.
    let (few, padding) = if is_long() {
        (100_000, 10)
    } else {
        (10_000, 500)
    };
    let (less, more) = (peak(few, padding), peak(10 * few, padding));
    assert!(
        more * 10 <= less * 12,
        "{more} KiB for ten times as many as {less} KiB are for"
    );
}

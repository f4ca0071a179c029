//! The processes that the tests of this crate start: `sqlite-processes TASK PATH ..`.
#![expect(
    clippy::unwrap_used,
    reason = "a process that cannot do its task has failed, and its test says so"
)]

#[cfg(unix)]
mod commits;
#[path = "../../../eventsource-sqlite/tests/common/mod.rs"]
mod common;
mod crash;
#[path = "../../../eventsource-core/tests/storms/domain.rs"]
mod domain;
mod inline;
mod jars;
#[path = "../../../eventsource-core/tests/storms/ledger.rs"]
mod ledger;
mod models;
mod places;
mod rebuilds;
mod runners;
#[path = "../../../eventsource-core/tests/storms/storm.rs"]
mod storm;
mod storms;
mod trims;
mod writers;

use std::path::Path;

use common::open;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), String> {
    let said: Vec<String> = std::env::args().skip(1).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    match said[..] {
        ["contend", path] => writers::contend(&open(Path::new(path)).await).await,
        ["one", path] => writers::append_one(&open(Path::new(path)).await).await,
        ["for-ever", path] => writers::append_for_ever(&open(Path::new(path)).await).await,
        ["storm", path, seed] => {
            storms::rage(&open(Path::new(path)).await, seed.parse().unwrap()).await;
        }
        ["crash", path, point] => crash::crash(Path::new(path), point).await,
        ["crash-in-trim", path, point] => trims::crash(Path::new(path), point).await,
        ["crash-in-step", path, point] => models::crash_in_step(Path::new(path), point).await,
        ["crash-in-switch", path, point] => models::crash_in_switch(Path::new(path), point).await,
        ["inline-crash", path, point] => inline::crash(Path::new(path), point).await,
        ["inline-crash-behind", path, passed] => {
            inline::crash_behind(Path::new(path), passed.parse().unwrap()).await;
        }
        ["inline-crash-in-opening", path, skipped, point] => {
            inline::crash_in_opening(Path::new(path), skipped.parse().unwrap(), point).await;
        }
        ["inline-fill", path, version, times] => {
            let (version, times) = (version.parse().unwrap(), times.parse().unwrap());
            inline::open_and_fill(Path::new(path), version, times).await;
        }
        ["inline-fill-twice", path, times] => {
            inline::fill_twice(Path::new(path), times.parse().unwrap()).await;
        }
        ["inline-for-ever", path] => inline::fill_for_ever(Path::new(path)).await,
        ["inline-fill-large", path, times] => {
            inline::fill_large(Path::new(path), times.parse().unwrap()).await;
        }
        ["inline-peak", path] => inline::say_peak(Path::new(path)).await,
        ["fill", path] => runners::fill_for_ever(Path::new(path)).await,
        ["fill-one", path] => runners::fill_one(Path::new(path)).await,
        ["run", path, name, place] => {
            runners::run(Path::new(path), name, place == "second").await;
        }
        ["run-held", path, name, hours, fenced] => {
            let (hours, is_fenced) = (hours.parse().unwrap(), fenced == "fenced");
            runners::run_held(Path::new(path), name, hours, is_fenced).await;
        }
        ["build", path, events, padding] => {
            let (events, padding) = (events.parse().unwrap(), padding.parse().unwrap());
            rebuilds::build(Path::new(path), events, padding).await;
        }
        ["rebuild", path, padding] => {
            rebuilds::rebuild(Path::new(path), padding.parse().unwrap()).await;
        }
        ["elsewhere", name, other] => places::go_elsewhere(name, other).await,
        #[cfg(unix)]
        ["too-large", path, limit] => {
            commits::too_large(Path::new(path), limit.parse().unwrap()).await;
        }
        #[cfg(unix)]
        ["no-room", path, _] => commits::no_room(Path::new(path)).await,
        #[cfg(unix)]
        ["no-room-for-refused", path, _] => commits::no_room_for_refused(Path::new(path)).await,
        // A process that ended well without a task would let its test pass.
        _ => return Err(format!("there is no such task: {}", said.join(" "))),
    }
    Ok(())
}

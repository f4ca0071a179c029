#![doc = include_str!("../../docs/lock.md")]

mod change;
mod compare;
mod entry;
mod error;
mod file;
mod record;
mod stale;
mod wire;

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs, io,
    path::Path,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

pub use change::{Change, ChangeKind};
pub use error::{LockError, Stale, StaleKind, Undescribed};
use eventsource_core::{
    Aggregates, Registry,
    describe::{Body, Description, Wire},
};

use change::Subject;
use compare::Comparison;
use file::{Damage, DamageKind, File, Head};
use stale::stale;

/// The variable that lets the lock, and the golden payloads, be added to.
pub const BLESS: &str = "EVENTSOURCE_BLESS";

/// The name of the lock's file.
pub const FILE_NAME: &str = "events.lock";

/// Whether what is missing is to be added: `EVENTSOURCE_BLESS` is set, and neither empty nor `0`.
pub fn is_blessed() -> bool {
    env::var_os(BLESS).is_some_and(|value| !value.is_empty() && value != "0")
}

/// What a check did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checked {
    /// Everything is as it was locked.
    AsLocked,
    /// What was missing was added: these lines.
    Added(Vec<String>),
}

/// Compares what this build reads with the lock in `path`. With `bless`, what is missing in it is added; what stands in it
/// is never changed.
///
/// [`events_lock!`](crate::events_lock) does this in a test.
///
/// # Errors
///
/// [`LockError`] when a shape is no longer what was stored, when an entry is read by nothing, when something is missing
/// and not to be added, and when the file is missing, damaged, or cannot be read or written. The file is then as it was.
pub fn check(registry: &Registry, path: &Path, bless: bool) -> Result<Checked, LockError> {
    let live = registry.describe();
    let undescribed = undescribed(&live);
    if !undescribed.is_empty() {
        return Err(LockError::Undescribed(undescribed));
    }
    let mut file = match fs::read_to_string(path) {
        Ok(text) => File::read(&text).map_err(|damage| damaged(path, damage))?,
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            if !bless {
                let path = path.to_owned();
                return Err(LockError::Missing { path });
            }
            File::default()
        }
        Err(source) => return Err(failed(path, "read", source)),
    };
    let (changes, additions, types) = {
        let mut comparison = Comparison::new(&file, &live);
        for event in &live.events {
            let subject = Subject::of_event(event);
            comparison.entry(&subject, &event.body);
        }
        (comparison.changes, comparison.additions, comparison.types)
    };
    let mut changes = changes;
    changes.extend(record::names_that_came_back(&file, &live, &types));
    let stale = stale(&file, &live);
    if !changes.is_empty() || !stale.is_empty() {
        let path = path.to_owned();
        return Err(LockError::Broken {
            path,
            changes,
            stale,
        });
    }
    let added =
        record::add(&mut file, &live, additions, types).map_err(|what| unwritable(path, what))?;
    if added.is_empty() {
        return Ok(Checked::AsLocked);
    }
    if !bless {
        let path = path.to_owned();
        return Err(LockError::Unrecorded {
            path,
            missing: added,
        });
    }
    let text = file.to_string();
    read_back(&text, &live).map_err(|what| unwritable(path, what))?;
    write(path, text.as_bytes())?;
    Ok(Checked::Added(added))
}

/// Whether a text will be read as what it is meant to say: what is there once stays for ever, so a slip is found before.
fn read_back(text: &str, live: &Description) -> Result<(), String> {
    let file = File::read(text).map_err(|Damage { line, what }| {
        let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        format!("the line `{shown}` could not be read again: {what:?}")
    })?;
    let mut comparison = Comparison::new(&file, live);
    for event in &live.events {
        comparison.entry(&Subject::of_event(event), &event.body);
    }
    if let Some(change) = comparison.changes.first() {
        return Err(format!("it would be read as something else\n  {change}"));
    }
    let types = comparison.types;
    let additions = comparison.additions;
    let mut again = file.clone();
    match record::add(&mut again, live, additions, types)?.first() {
        Some(added) => Err(format!("`{added}` would not be found in it again")),
        None => Ok(()),
    }
}

/// The events that a lock has, by name and version; `None` where it cannot be read.
pub(crate) fn locked_events(text: &str) -> Option<BTreeSet<(String, u32)>> {
    let file = File::read(text).ok()?;
    let events = file.entries.into_keys().filter_map(|head| match head {
        Head::Event(name, version) => Some((name, version)),
        Head::Retired(_) | Head::Type(_) | Head::Category(_) => None,
    });
    Some(events.collect())
}

/// What a description leaves open.
fn undescribed(live: &Description) -> Vec<Undescribed> {
    let mut all = Vec::new();
    for event in &live.events {
        let of = format!("event {} v{}", event.name, event.version);
        open_in(&of, &event.body, &mut all);
    }
    for (key, described) in &live.types {
        open_in(&format!("type {key}"), &described.body, &mut all);
    }
    all
}

/// Finds what a shape leaves open.
fn open_in(of: &str, body: &Body, all: &mut Vec<Undescribed>) {
    match body {
        Body::Unit | Body::Value { .. } => {}
        Body::Unknown(ty) => all.push(Undescribed {
            of: of.to_owned(),
            field: None,
            ty: ty.clone(),
            why: None,
        }),
        Body::Refused(why) => all.push(Undescribed {
            of: of.to_owned(),
            field: None,
            ty: String::new(),
            why: Some(why.clone()),
        }),
        Body::Fields(fields) => {
            let open = fields.iter().filter(|field| field.holds == Wire::Unknown);
            all.extend(open.map(|field| Undescribed {
                of: of.to_owned(),
                field: Some(field.name.clone()),
                ty: field.ty.clone(),
                why: None,
            }));
        }
        Body::Variants { variants, .. } => {
            for variant in variants {
                open_in(
                    &format!("{of}, variant `{}`", variant.name),
                    &variant.body,
                    all,
                );
            }
        }
    }
}

fn unwritable(path: &Path, what: String) -> LockError {
    let path = path.to_owned();
    LockError::Unwritable { path, what }
}

fn damaged(path: &Path, Damage { line, what }: Damage) -> LockError {
    let path = path.to_owned();
    match what {
        DamageKind::Conflict => LockError::Conflict { path, line },
        DamageKind::Format(found) => LockError::Format { path, found },
        DamageKind::Line(what) => LockError::Damaged { path, line, what },
    }
}

pub(crate) fn failed(path: &Path, doing: &'static str, source: io::Error) -> LockError {
    let path = path.to_owned();
    LockError::Io {
        path,
        doing,
        source,
    }
}

/// Whether a file is one that has not got to its place.
pub(crate) fn is_being_written(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".new")
}

/// Writes a file beside its place and puts it there, so that a test that is stopped leaves the old one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), LockError> {
    // Tests of one process and of several may write at once.
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.{number}.new", process::id()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| failed(folder, "written", source))?;
    }
    fs::write(&beside, bytes).map_err(|source| failed(&beside, "written", source))?;
    fs::rename(&beside, path).map_err(|source| failed(path, "written", source))
}

/// Makes the tests of a program's stored shapes: `events.lock` and the golden payloads, beside its `Cargo.toml`.
///
/// Name every aggregate that shares a store; each macro line has a lock of its own. Another folder than that of the
/// manifest is put first: `events_lock!(in "tests/orders"; Order)`. `events_lock!(shapes in "tests/orders"; Order)` makes
/// the test of the lock alone, where something else reads stored payloads. See [`lock`](crate::lock).
///
/// ```
/// use eventsource_core::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[event(name = "light.switched", sample = Switched { on: true })]
/// struct Switched {
///     on: bool,
/// }
///
/// #[derive(Debug, Default, Aggregate)]
/// #[aggregate(name = "light", id = String, error = std::convert::Infallible, events(Switched))]
/// struct Light;
///
/// impl Apply<Switched> for Light {
///     fn apply(&mut self, _: &Switched) {}
/// }
///
/// eventsource_testing::events_lock!(Light);
/// ```
#[macro_export]
macro_rules! events_lock {
    (shapes in $folder:expr; $($aggregate:ty),+ $(,)?) => {
        #[test]
        fn every_stored_shape_is_locked() {
            let folder = ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", $folder);
            $crate::lock::__shapes::<$crate::__aggregates!($($aggregate),+)>(folder);
        }
    };
    (in $folder:expr; $($aggregate:ty),+ $(,)?) => {
        $crate::events_lock!(shapes in $folder; $($aggregate),+);

        #[test]
        fn every_golden_payload_is_read() {
            let folder = ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", $folder);
            $crate::payloads::__payloads::<$crate::__aggregates!($($aggregate),+)>(folder);
        }
    };
    ($($aggregate:ty),+ $(,)?) => {
        $crate::events_lock!(in ""; $($aggregate),+);
    };
}

/// Any number of aggregates as pairs in pairs.
#[doc(hidden)]
#[macro_export]
macro_rules! __aggregates {
    ($one:ty) => { $one };
    ($one:ty, $($more:ty),+) => { ($one, $crate::__aggregates!($($more),+)) };
}

/// The test of the shapes.
///
/// # Panics
///
/// With the error's words, when the lock does not hold.
#[doc(hidden)]
#[track_caller]
pub fn __shapes<A: Aggregates>(folder: &str) {
    let path = Path::new(folder).join(FILE_NAME);
    let checked = Registry::of::<A>()
        .map_err(LockError::from)
        .and_then(|registry| check(&registry, &path, is_blessed()));
    if let Err(error) = checked {
        panic!("{}", said(&error));
    }
}

/// An error with its sources.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        let _ = write!(text, ": {next}");
        source = next.source();
    }
    text
}

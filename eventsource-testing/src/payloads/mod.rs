#![doc = include_str!("../../docs/payloads.md")]

mod capture;
mod differ;
mod error;
mod json;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

pub(crate) use capture::seen;
pub use error::{PayloadProblem, PayloadsError};
use eventsource_core::{
    Aggregates, EncodeError, EventSchema, Registry, Today, TodayIn, describe::DescribedEvent,
};
use json::Json;
use serde_json::Value;

use crate::lock::{LockError, is_being_written, is_blessed, write};

/// The name of the folder, beside the lock.
pub const FOLDER_NAME: &str = "payloads";

/// Decodes one stored example of each event and version with the real codec, and compares what comes of it with what is
/// expected today. With `bless`, what is missing is written, where it can be known; a payload that is there is never
/// written again. Nothing is written while a file is lost, stray, or not read.
///
/// [`events_lock!`](crate::events_lock) does this in a test. Gives the files that were written.
///
/// # Errors
///
/// [`PayloadsError`] with everything that is wrong, in the order of the events.
pub fn check(
    registry: &Registry,
    folder: &Path,
    bless: bool,
) -> Result<Vec<PathBuf>, PayloadsError> {
    if bless && let Err(mut found) = checked(registry, folder, false) {
        // What would be written for an event that was renamed, say, is an example of nothing as soon as that is mended.
        found.problems.retain(PayloadProblem::hinders_blessing);
        if !found.problems.is_empty() {
            return Err(found);
        }
    }
    checked(registry, folder, bless)
}

fn checked(registry: &Registry, folder: &Path, bless: bool) -> Result<Vec<PathBuf>, PayloadsError> {
    let description = registry.describe();
    let of_name = |event: &DescribedEvent| (event.name, event.today);
    let mut check = Checking {
        registry,
        names: description.events.iter().map(of_name).collect(),
        samples: registry
            .samples()
            .into_iter()
            .map(|(schema, sample)| ((schema.name, schema.version), sample))
            .collect(),
        bless,
        known: BTreeSet::new(),
        problems: Vec::new(),
        written: Vec::new(),
    };
    for event in &description.events {
        check.event(folder, event);
    }
    // Nothing reads these, and nothing has to: their event says so with `oldest = ..`.
    for (name, version) in &description.too_old {
        let folder = folder.join(name);
        for file in [format!("v{version}.json"), format!("v{version}.today.json")] {
            check.known.insert(folder.join(file));
        }
    }
    check.strays(folder);
    if check.problems.is_empty() {
        Ok(check.written)
    } else {
        let problems = check.problems;
        Err(PayloadsError { problems })
    }
}

struct Checking<'a> {
    registry: &'a Registry,
    samples: BTreeMap<(&'static str, u32), Result<Vec<u8>, EncodeError>>,
    bless: bool,
    /// The files that belong to an event.
    known: BTreeSet<PathBuf>,
    /// What the events are called today, by each of their stored names.
    names: BTreeMap<&'static str, &'static str>,
    problems: Vec<PayloadProblem>,
    written: Vec<PathBuf>,
}

/// What a payload is for one aggregate.
struct InAggregate {
    category: &'static str,
    rust: &'static str,
    writes: Vec<EventSchema>,
    today: Vec<Today>,
}

impl InAggregate {
    /// What it is called beside others: by its category, unless several have that.
    fn key(&self, all: &[Self]) -> String {
        let of_category = all.iter().filter(|one| one.category == self.category);
        if of_category.count() > 1 {
            format!("{} ({})", self.category, self.rust)
        } else {
            self.category.to_owned()
        }
    }
}

impl Checking<'_> {
    fn event(&mut self, folder: &Path, event: &DescribedEvent) {
        let folder = folder.join(event.name);
        let path = folder.join(format!("v{}.json", event.version));
        let expected = folder.join(format!("v{}.today.json", event.version));
        self.known.extend([path.clone(), expected.clone()]);
        if expected.exists() && !path.exists() {
            let today = expected;
            return self.problems.push(PayloadProblem::Lost { path, today });
        }
        let Some(payload) = self.payload(&path, event) else {
            return;
        };
        let mut all = Vec::new();
        for one in self
            .registry
            .today_of_each(event.name, event.version, &payload)
        {
            match one.today {
                Ok(today) => all.push(InAggregate {
                    category: one.category,
                    rust: one.rust,
                    writes: one.writes,
                    today,
                }),
                Err(source) => {
                    return self
                        .problems
                        .push(PayloadProblem::Unreadable { path, source });
                }
            }
        }
        for one in &all {
            if let Some(what) = self.read_again(one) {
                return self.problems.push(PayloadProblem::NotReadAgain {
                    path,
                    name: event.name,
                    version: event.version,
                    what,
                });
            }
        }
        self.expected(&expected, event, &all);
    }

    /// What is wrong with what would be written today.
    fn read_again(&self, one: &InAggregate) -> Option<String> {
        for part in &one.today {
            let EventSchema { name, version } = part.schema;
            let again = self.registry.today_of_each(name, version, &part.json);
            let mut again = again.into_iter();
            let again = again.find(|other: &TodayIn| other.rust == one.rust)?;
            let again = match again.today {
                Ok(again) => again,
                Err(error) => return Some(format!("not be read: {error}")),
            };
            let json = |today: &[Today]| Json::read(&shown(today)).ok().map(Json::sorted);
            if json(&again) != json(std::slice::from_ref(part)) {
                return Some("be read as another event".to_owned());
            }
        }
        None
    }

    /// The stored example: the file, or else the sample of the event.
    fn payload(&mut self, path: &Path, event: &DescribedEvent) -> Option<Vec<u8>> {
        let owned = || path.to_owned();
        match fs::read(path) {
            Ok(payload) => return Some(payload),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                let path = owned();
                self.problems.push(PayloadProblem::Io { path, source });
                return None;
            }
        }
        // An example of an older version was written by older code, and nothing of today can make one.
        let is_written = event.version == event.latest && !event.retired;
        let sample = self.samples.remove(&(event.name, event.version));
        let problem = match sample.filter(|_| is_written) {
            Some(Ok(mut payload)) => {
                payload.push(b'\n');
                if self.bless {
                    return self.put(path, &payload).then_some(payload);
                }
                PayloadProblem::NotCommitted { path: owned() }
            }
            Some(Err(source)) => {
                let name = event.name;
                PayloadProblem::Sample { name, source }
            }
            None => PayloadProblem::Missing {
                path: owned(),
                rust: event.rust,
                version: event.version,
                is_written,
            },
        };
        self.problems.push(problem);
        None
    }

    fn expected(&mut self, path: &Path, event: &DescribedEvent, all: &[InAggregate]) {
        let text = shown_of_all(all);
        let owned = path.to_owned();
        let expected = match fs::read_to_string(path) {
            Ok(expected) => expected,
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                if self.bless {
                    self.put(path, text.as_bytes());
                } else {
                    self.problems
                        .push(PayloadProblem::NotCommitted { path: owned });
                }
                return;
            }
            Err(source) => {
                return self.problems.push(PayloadProblem::Io {
                    path: owned,
                    source,
                });
            }
        };
        let expected = match Json::read(&expected) {
            Ok(expected) => expected,
            Err(source) => {
                return self.problems.push(PayloadProblem::NotJson {
                    path: owned,
                    source,
                });
            }
        };
        // What was written a moment ago is JSON.
        let actual = Json::read(&text).unwrap_or(Json::List(Vec::new()));
        if expected == actual {
            return;
        }
        // Another value under the versions of then is a step that does otherwise. Under new versions it is what the new
        // version is for.
        let moved_on = all.iter().all(|one| {
            let key = one.key(all);
            let of = |json: &Json| match json {
                Json::Map(by) => by.get(&key).cloned(),
                list => Some(list.clone()),
            };
            match (of(&expected), of(&actual)) {
                (Some(expected), Some(actual)) => {
                    expected == actual
                        || differ::moved_on(&expected, &actual, &self.names, &one.writes)
                }
                // An aggregate that lists the event from now on.
                (None, _) => true,
                (_, None) => false,
            }
        });
        if moved_on && self.bless {
            self.put(path, text.as_bytes());
            return;
        }
        self.problems.push(PayloadProblem::Differs {
            path: owned,
            name: event.name,
            version: event.version,
            differences: differ::differences(&expected, &actual),
            moved_on,
        });
    }

    fn put(&mut self, path: &Path, bytes: &[u8]) -> bool {
        match write(path, bytes) {
            Ok(()) => {
                self.written.push(path.to_owned());
                true
            }
            Err(LockError::Io { path, source, .. }) => {
                self.problems.push(PayloadProblem::Io { path, source });
                false
            }
            // Writing fails in no other way.
            Err(_) => false,
        }
    }

    /// Files that belong to no event and version.
    fn strays(&mut self, folder: &Path) {
        let list = |folder: &Path| -> Result<Vec<PathBuf>, io::Error> {
            let entries = fs::read_dir(folder)?;
            let mut paths = entries
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>, io::Error>>()?;
            paths.sort();
            Ok(paths)
        };
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let paths = match list(&folder) {
                Ok(paths) => paths,
                Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => {
                    self.problems.push(PayloadProblem::Io {
                        path: folder,
                        source,
                    });
                    continue;
                }
            };
            for path in paths {
                if path.is_dir() {
                    open.push(path);
                } else if !self.known.contains(&path) && !is_being_written(&path) {
                    self.problems.push(PayloadProblem::Stray { path });
                }
            }
        }
    }
}

/// What a payload is today: one list where it is the same for every aggregate, or else one for each.
fn shown_of_all(all: &[InAggregate]) -> String {
    let first = all.first().map_or(&[][..], |one| &one.today);
    if all.iter().all(|one| one.today == first) {
        return shown(first);
    }
    let lists = all.iter().map(|one| {
        let list = shown(&one.today);
        format!("{}: {}", Value::from(one.key(all)), list.trim_end())
    });
    format!("{{\n{}\n}}\n", lists.collect::<Vec<_>>().join(",\n"))
}

/// The events of today, one on a line.
fn shown(today: &[Today]) -> String {
    let lines = today.iter().map(|today| {
        let name = Value::from(today.schema.name);
        let payload = String::from_utf8_lossy(&today.json);
        let version = today.schema.version;
        format!("  {{\"event\": {name}, \"version\": {version}, \"payload\": {payload}}}")
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        "[]\n".to_owned()
    } else {
        format!("[\n{}\n]\n", lines.join(",\n"))
    }
}

/// The test of the payloads.
///
/// # Panics
///
/// With the error's words, when a payload is missing or is not what is expected.
#[doc(hidden)]
#[track_caller]
pub fn __payloads<A: Aggregates>(folder: &str) {
    let registry = match Registry::of::<A>() {
        Ok(registry) => registry,
        Err(error) => panic!("{error}"),
    };
    if let Err(error) = check(
        &registry,
        &Path::new(folder).join(FOLDER_NAME),
        is_blessed(),
    ) {
        panic!("{error}");
    }
}

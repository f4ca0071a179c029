//! Compares what the grammar reads with what the conversions give.

use std::fmt::Debug;

use eventsource_core::{DecodeError, Event, Past, StoredName};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Any, Random};

/// How many values each version writes.
const VALUES: usize = 32;

/// How many it writes at the most, until one of them can be brought to today: a version whose every value fails would be
/// compared with nothing.
const MOST_VALUES: usize = 100_000;

/// Draws values; `read` says of each whether it could be brought to today.
pub(crate) fn draw<V: Any>(random: &mut Random, what: &str, mut read: impl FnMut(V) -> bool) {
    let (mut drawn, mut success) = (0, false);
    while drawn < VALUES || !success {
        assert!(
            drawn < MOST_VALUES,
            "{what}: no value can be brought to today"
        );
        drawn += 1;
        success |= read(V::any(random));
    }
}

/// Other values for each history, and each of them alone has the same ones.
pub(crate) fn seeded(seed: u64, id: &str) -> Random {
    let number: u64 = id[1..].parse().expect("a letter and a number");
    Random::new(seed ^ (number << 32))
}

/// Where conversions failed: the version to which they led, and the field; none where the whole value was converted.
#[derive(Debug, Default)]
pub struct Failed(Vec<(u32, Option<&'static str>)>);

impl Failed {
    /// Notes a field whose value did not come about.
    pub fn or<T>(&mut self, to: u32, field: Option<&'static str>, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.0.push((to, field));
        }
        value
    }

    fn has(&self, to: u32, field: Option<&'static str>) -> bool {
        self.0.contains(&(to, field))
    }

    /// Whether all fields of a version came about.
    ///
    /// # Errors
    ///
    /// When not.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// How often each outcome was met.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    /// Values of the newest version that were read.
    pub today: usize,
    /// Older values that became today's.
    pub upcast: usize,
    /// Steps in which a field failed.
    pub failed_field: usize,
    /// Steps that failed as a whole.
    pub failed_step: usize,
    /// Payloads with a field too much that were refused, because the version was strict.
    pub refused: usize,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            today: self.today + other.today,
            upcast: self.upcast + other.upcast,
            failed_field: self.failed_field + other.failed_field,
            failed_step: self.failed_step + other.failed_step,
            refused: self.refused + other.refused,
        }
    }
}

/// The test of one history.
#[derive(Debug)]
pub struct Case {
    id: &'static str,
    random: Random,
    name: &'static str,
    known: u32,
    names: Vec<StoredName>,
    next: u32,
    tally: Tally,
}

impl Case {
    /// A test of the history of an event.
    ///
    /// # Panics
    ///
    /// When its id is not a letter and a number.
    pub fn new<E: Event>(seed: u64, id: &'static str) -> Self {
        Self {
            id,
            random: seeded(seed, id),
            name: E::SCHEMA.name,
            known: E::SCHEMA.version,
            names: E::NAMES.to_vec(),
            next: 1,
            tally: Tally::default(),
        }
    }

    /// What a version wrote becomes what the conversions make of it.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn version<V, E>(
        &mut self,
        version: u32,
        name: &str,
        strict: bool,
        convert: fn(V) -> Result<E, Failed>,
    ) where
        V: Any + Clone + Debug + Serialize,
        E: Event + PartialEq + Debug,
    {
        let id = self.id;
        let mut random = self.random.clone();
        draw(&mut random, &format!("{id} v{version}"), |written: V| {
            let bytes = serde_json::to_vec(&written).expect("it can be written");
            let expected = convert(written.clone());
            let success = expected.is_ok();
            match (E::decode(version, &bytes), expected) {
                (Ok(read), Ok(expected)) => {
                    assert_eq!(read, expected, "{id} v{version}: {written:?}");
                    if version == self.known {
                        self.tally.today += 1;
                    } else {
                        self.tally.upcast += 1;
                    }
                }
                (Err(error), Err(failed)) => self.failed(version, &error, &failed),
                (read, expected) => {
                    panic!("{id} v{version}: {written:?} is read as {read:?}, not {expected:?}")
                }
            }
            if let Some(bytes) = with_another_field(&bytes) {
                let refused =
                    matches!(E::decode(version, &bytes), Err(DecodeError::Payload { .. }));
                assert_eq!(
                    refused, strict,
                    "{id} v{version}: a field that it never had"
                );
                self.tally.refused += usize::from(refused);
            }
            success
        });
        self.random = random;
        self.table(version, name);
        if version == self.known {
            self.unknown_versions::<E>();
        }
    }

    /// The error names the event, the version that was stored, and one of the fields that failed where it did.
    fn failed(&mut self, stored: u32, error: &DecodeError, failed: &Failed) {
        let DecodeError::Step {
            event,
            version,
            to,
            field,
            ..
        } = error
        else {
            panic!("{} v{stored}: {error:?}", self.id)
        };
        assert_eq!((*event, *version), (self.name, stored), "{}", self.id);
        assert!(
            failed.has(*to, *field),
            "{} v{stored}: {error:?} is not one of {failed:?}",
            self.id
        );
        match field {
            Some(_) => self.tally.failed_field += 1,
            None => self.tally.failed_step += 1,
        }
    }

    /// The table of names has the version under the name that it was stored with.
    fn table(&mut self, version: u32, name: &str) {
        assert_eq!(self.next, version, "{}: no version is left out", self.id);
        self.next += 1;
        let has = |stored: &&StoredName| (stored.first..=stored.last).contains(&version);
        let stored: Vec<_> = self.names.iter().filter(has).map(|one| one.name).collect();
        assert_eq!(stored, [name], "{} v{version}", self.id);
    }

    fn unknown_versions<E: Event + Debug>(&self) {
        let (id, known) = (self.id, self.known);
        for stored in [known + 1, u32::MAX] {
            let error = E::decode(stored, b"{}").expect_err("no such version");
            let DecodeError::Newer {
                event,
                stored: s,
                known: k,
            } = error
            else {
                panic!("{id}: {error:?}")
            };
            assert_eq!((event, s, k), (self.name, stored, known), "{id}");
        }
        let zero = E::decode(0, b"{}");
        assert!(
            matches!(zero, Err(DecodeError::VersionZero { event }) if event == self.name),
            "{id}: {zero:?}"
        );
    }

    /// All versions were met.
    ///
    /// # Panics
    ///
    /// When they were not.
    pub fn done(self, latest: u32) -> Tally {
        assert_eq!((self.known, self.next), (latest, latest + 1), "{}", self.id);
        self.tally
    }
}

/// The same JSON with a field that no history has; `None` where it has no fields.
fn with_another_field(json: &[u8]) -> Option<Vec<u8>> {
    let fields = json.strip_prefix(b"{")?;
    let comma: &[u8] = if fields == b"}" { b"" } else { b"," };
    Some([br#"{"never heard of":1"#, comma, fields].concat())
}

/// What a version of a value wrote, which is in no event, becomes what the conversions make of it.
///
/// # Panics
///
/// When it does not.
pub fn value<V, T, const N: u32>(seed: u64, id: &str, convert: fn(V) -> Result<T, Failed>)
where
    V: Any + Clone + Debug + Serialize,
    T: PartialEq + Debug,
    Past<T, N>: DeserializeOwned,
{
    let mut random = Random::new(seed ^ u64::from(N));
    draw(&mut random, &format!("{id} v{N}"), |written: V| {
        let bytes = serde_json::to_vec(&written).expect("it can be written");
        let past: Past<T, N> = serde_json::from_slice(&bytes).expect("it has the shape");
        let expected = convert(written.clone());
        let success = expected.is_ok();
        match (past.today(), expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, expected, "{id} v{N}: {written:?}"),
            (Err(error), Err(failed)) => assert!(
                failed.has(error.to(), error.field()),
                "{id} v{N}: {error:?} is not one of {failed:?}"
            ),
            (read, expected) => {
                panic!("{id} v{N}: {written:?} is read as {read:?}, not {expected:?}")
            }
        }
        success
    });
}

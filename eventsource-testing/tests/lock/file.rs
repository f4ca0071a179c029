//! The file itself: how it looks, and every way in which it can be wrong.

use std::fs;

use eventsource_core::{Aggregates, Registry};
use eventsource_testing::lock::{self, Checked, LockError};
use expect_test::{expect, expect_file};
use tempfile::TempDir;

use crate::support::{Locked, names::*};

/// Everything that an entry can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(tag = "kind", content = "of", rename_all = "snake_case")]
enum PayBy {
    Cash,
    CreditCard {
        digits: u16,
        #[serde(rename = "holderName", default)]
        holder: Option<String>,
    },
    Others(Vec<Self>, [u8; 2]),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[event(version = 2)]
struct Place {
    street: Box<str>,
    #[event(since = 2)]
    zip: Option<String>,
}

#[derive(Debug, Deserialize, Schema)]
struct First {
    text: String,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "paid", version = 4, was("pay", before = 3), v1 = First)]
#[event(had(memo: String, since = 2, before = 3))]
#[serde(rename_all = "camelCase")]
struct Paid {
    #[event(since = 2, was(amount: u32, before = 4, with = |euros| u64::from(euros) * 100))]
    total_cents: u64,
    #[event(since = 3)]
    by: Option<PayBy>,
    #[event(since = 2, nested = 2, was(_: Vec<Past<Place, 1>>, before = 4))]
    places: Vec<Place>,
    #[event(since = 4, opaque)]
    rest: BTreeMap<String, serde_json::Value>,
    #[serde(skip)]
    seen: bool,
}

impl From<First> for eventsource_core::Shape<Paid, 2> {
    fn from(old: First) -> Self {
        Self {
            amount: 0,
            places: Vec::new(),
            memo: old.text,
        }
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "viewed")]
struct Viewed(u8);

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "closed")]
struct Closed;

#[derive(Debug, Default, Aggregate)]
#[aggregate(
    name = "bill",
    id = u64,
    error = std::convert::Infallible,
    events(Paid, Closed),
    retired("viewed", from = Viewed, into = |_| []),
)]
struct Bill;

impl<E> Apply<E> for Bill {
    fn apply(&mut self, _: &E) {}
}

#[test]
fn the_lock_can_be_read() {
    expect_file!["events.lock"].assert_eq(&Locked::of::<Bill>().text());
}

#[test]
fn a_lock_is_the_same_in_every_run() {
    assert_eq!(Locked::of::<Bill>().text(), Locked::of::<Bill>().text());
}

fn refused<A: Aggregates>(change: impl FnOnce(String) -> String) -> LockError {
    let locked = Locked::of::<A>();
    let damaged = change(locked.text());
    fs::write(locked.path(), &damaged).expect("the file is written");
    for bless in [false, true] {
        let error = locked.check::<A>(bless).expect_err("the file is damaged");
        if bless {
            assert_eq!(
                locked.text(),
                damaged,
                "what is not understood is not written"
            );
            return error;
        }
    }
    unreachable!("the second run returns")
}

#[test]
fn a_missing_file_is_not_taken_for_an_empty_one() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("events.lock");
    let registry = Registry::of::<Bill>().expect("no name is shared");
    let error = lock::check(&registry, &path, false).expect_err("there is no file");
    assert!(matches!(error, LockError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("EVENTSOURCE_BLESS=1 cargo test"));
    assert!(!path.exists());
    let checked = lock::check(&registry, &path, true).expect("it is written");
    assert!(matches!(checked, Checked::Added(lines) if !lines.is_empty()));
    assert_eq!(
        lock::check(&registry, &path, false).ok(),
        Some(Checked::AsLocked)
    );
}

#[test]
fn a_merge_that_was_not_resolved_is_found() {
    for mark in ["<<<<<<< ours", "=======", ">>>>>>> theirs"] {
        let error = refused::<Bill>(|text| {
            text.replacen("\nevent paid v3", &format!("\n{mark}\nevent paid v3"), 1)
        });
        let LockError::Conflict { line, .. } = error else {
            panic!("{error}");
        };
        assert!(line > 3);
    }
}

#[test]
fn both_sides_of_a_merge_are_kept_in_any_order() {
    let locked = Locked::of::<Bill>();
    let text = locked.text();
    let (top, entries) = text.split_once("\n\n").expect("a header");
    let mut entries: Vec<_> = entries.trim_end().split("\n\n").collect();
    entries.reverse();
    fs::write(
        locked.path(),
        format!("{top}\n\n{}\n", entries.join("\n\n")),
    )
    .expect("written");
    assert_eq!(locked.check::<Bill>(false).ok(), Some(Checked::AsLocked));
}

#[test]
fn lines_that_a_hand_has_damaged_are_found() {
    let damages: &[(&str, &str, &str)] = &[
        (
            "event closed v1 = null",
            "evnt closed v1 = null",
            "an entry begins with",
        ),
        (
            "event closed v1 = null",
            "event closed vX = null",
            "an entry begins with",
        ),
        (
            "event closed v1 = null",
            "event closed v1 = Vec<u8",
            "is no form that can be stored",
        ),
        (
            "event closed v1 = null",
            "event closed v1 = null\n  a: u8",
            "nothing can stand in this entry",
        ),
        (
            "event closed v1 = null",
            "event closed v1 = null\n\nevent closed v1 = null",
            "a second entry `event closed v1`",
        ),
        ("  text: String", "  text", "a field is `name: Type = form`"),
        (
            "  text: String",
            "  text: String\n  text: String",
            "a second field `text`",
        ),
        (
            "  reserved \"text\"",
            "  reserved text",
            "a reserved name stands in quotes",
        ),
        (
            "  variant Cash as \"cash\"",
            "  Cash",
            "a variant is `variant Name`",
        ),
        (
            "  variant Cash as \"cash\"",
            "  variant Cash as \"cash\"\n    a: u8",
            "has no fields",
        ),
        (
            "file::Place@2>",
            "file::Place@7>",
            "there is no entry `type lock::file::Place@7`",
        ),
    ];
    for (line, damaged, words) in damages {
        let error = refused::<Bill>(|text| {
            assert!(text.contains(line), "{line} is not in:\n{text}");
            text.replacen(line, damaged, 1)
        });
        assert!(
            matches!(error, LockError::Damaged { .. }),
            "{damaged}: {error}"
        );
        assert!(error.to_string().contains(words), "{damaged}: {error}");
    }
}

#[test]
fn an_entry_that_a_hand_has_rewritten_is_a_change() {
    let error = refused::<Bill>(|text| text.replacen("  text: String", "  text: u64", 1));
    assert!(matches!(error, LockError::Broken { .. }), "{error}");
}

#[test]
fn another_format_is_not_read() {
    for first in ["# events.lock, format 2", "", "{}", "# events.lock"] {
        let error = refused::<Bill>(|text| text.replacen("# events.lock, format 1", first, 1));
        assert!(
            matches!(error, LockError::Format { .. }),
            "{first}: {error}"
        );
    }
    let error = refused::<Bill>(|_| String::new());
    assert!(matches!(error, LockError::Format { .. }), "{error}");
}

/// A type that says nothing of its shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Silent(u8);

#[derive(Debug, Deserialize)]
struct SilentFirst {
    a: Silent,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "told", version = 2, v1 = SilentFirst)]
struct Told {
    a: Silent,
    all: BTreeMap<String, Vec<Option<Silent>>>,
    #[event(opaque)]
    named: Silent,
}

impl From<SilentFirst> for Told {
    fn from(old: SilentFirst) -> Self {
        Self {
            a: old.a.clone(),
            all: BTreeMap::new(),
            named: old.a,
        }
    }
}

#[derive(Debug, Default, Aggregate)]
#[aggregate(name = "teller", id = u64, error = std::convert::Infallible, events(Told))]
struct Teller;

impl<E> Apply<E> for Teller {
    fn apply(&mut self, _: &E) {}
}

#[test]
fn a_type_that_does_not_tell_its_shape_is_named_with_its_field() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("events.lock");
    let registry = Registry::of::<Teller>().expect("no name is shared");
    let error = lock::check(&registry, &path, true).expect_err("three shapes are not known");
    assert!(!path.exists());
    expect![[r#"
        these shapes cannot be locked, because a part of them does not tell its own:

          event told v1: `SilentFirst` does not implement `Schema`
              add `#[derive(eventsource_core::Schema)]` to it, or `#[derive(eventsource_core::Event)]` where it is an event that is implemented by hand

          event told v2: the type of `a`, `Silent`, or a type in it, does not implement `Schema`
              add `#[derive(eventsource_core::Schema)]` to that type, or `#[event(opaque)]` to `a` to go by the name of its type

          event told v2: the type of `all`, `BTreeMap<String, Vec<Option<Silent>>>`, or a type in it, does not implement `Schema`
              add `#[derive(eventsource_core::Schema)]` to that type, or `#[event(opaque)]` to `all` to go by the name of its type"#]].assert_eq(&error.to_string());
}

#[test]
fn the_words_of_a_refusal_say_what_to_do() {
    let error = refused::<Bill>(|text| {
        text.replacen("  text: String", "  text: u64\n  other?: bool", 1)
            + "\nevent moved v1\n  to: String\n\nevent paid v5\n"
    });
    let path = match &error {
        LockError::Broken { path, .. } => path.display().to_string(),
        _ => String::new(),
    };
    expect![[r#"
        what is stored would not be read as it was written (events.lock)

          event pay v1: `text` has another type
              stored: text: u64
              now:    text: String
              `First` is what version 1 of `Paid` stored: write in it again what was stored

          event pay v1: `other` is gone
              stored: other?: bool
              now:    -
              `First` is what version 1 of `Paid` stored: write in it again what was stored

          event moved v1: it was stored, and no registered aggregate reads it
              renamed? write `version = 2, was("moved", before = 2)` in its `#[event(..)]`
              left out? list its struct again
              does not happen any more? retire it on the aggregate: `retired("moved", from = ItsStruct, into = |_| [])`, with what it is today in `[]`

          event paid v5: it was stored, but `Paid` is only at version 4
              write `version = 5` on `Paid`, or a later one

        A locked entry never changes. Only where a version was never stored anywhere: remove its entry from the lock by hand."#]].assert_eq(&error.to_string().replace(&path, "events.lock"));
}

#[test]
fn a_file_that_was_cut_off_in_a_type_is_damaged() {
    let error = refused::<Bill>(|text| text.trim_end().trim_end_matches("ring>").to_owned());
    assert!(error.to_string().contains("cut off"), "{error}");
}

#[test]
fn a_byte_order_mark_is_named() {
    let error = refused::<Bill>(|text| format!("\u{feff}{text}"));
    assert!(error.to_string().contains("byte order mark"), "{error}");
}

#[test]
fn a_comment_between_entries_is_told_its_place() {
    let error = refused::<Bill>(|text| text.replace("\nevent paid v4", "\n# mine\nevent paid v4"));
    assert!(error.to_string().contains("a comment stands"), "{error}");
}

#[test]
fn lines_end_as_they_ended() {
    let locked = Locked::of::<Bill>();
    let text = locked.text();
    let start = text.find("\nretired viewed\n").expect("it is there");
    let without = text[..start].to_owned() + &text[start + "\nretired viewed\n".len()..];
    fs::write(locked.path(), without.replace('\n', "\r\n")).expect("written");
    locked.check::<Bill>(true).expect("it is added");
    assert_eq!(locked.text(), text.replace('\n', "\r\n"));
}

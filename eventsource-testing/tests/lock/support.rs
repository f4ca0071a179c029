//! A change: the structs before it and after it, in modules of their own, and what the lock has to say.

use std::{fs, path::PathBuf};

use eventsource_core::{Aggregates, Registry};
use eventsource_testing::lock::{self, ChangeKind, Checked, LockError};
use tempfile::TempDir;

/// A folder with the lock of what was before.
pub(crate) struct Locked {
    folder: TempDir,
}

impl Locked {
    /// Blesses what was before. The two modules stand for one in two commits, so that the paths of types are the same.
    pub(crate) fn of<Before: Aggregates>() -> Self {
        let folder = TempDir::new().expect("a folder");
        let locked = Self { folder };
        let registry = Registry::of::<Before>().expect("no name is shared");
        lock::check(&registry, &locked.path(), true).unwrap_or_else(|error| panic!("{error}"));
        let text = locked.text().replace("::before::", "::after::");
        fs::write(locked.path(), text).expect("the file is written");
        locked
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(lock::FILE_NAME)
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.path()).expect("the lock is there")
    }

    pub(crate) fn check<After: Aggregates>(&self, bless: bool) -> Result<Checked, LockError> {
        let registry = Registry::of::<After>().expect("no name is shared");
        lock::check(&registry, &self.path(), bless)
    }
}

/// What was before passes as it is, and nothing is written.
pub(crate) fn passes<Before: Aggregates, After: Aggregates>() {
    let locked = Locked::of::<Before>();
    let before = locked.text();
    for bless in [false, true] {
        let checked = locked
            .check::<After>(bless)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(checked, Checked::AsLocked);
    }
    assert_eq!(locked.text(), before);
}

/// No attribute has to be written. What is stored from now on is added to the lock, and no line of it changes.
pub(crate) fn is_recorded<Before: Aggregates, After: Aggregates>(lines: &[&str]) {
    let locked = Locked::of::<Before>();
    let before = locked.text();
    let error = locked
        .check::<After>(false)
        .expect_err("it is not in the lock");
    let LockError::Unrecorded { missing, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(missing, lines);
    assert_eq!(
        locked.text(),
        before,
        "nothing is written that was not blessed"
    );
    let checked = locked
        .check::<After>(true)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked, Checked::Added(missing.clone()));
    let after = locked.text();
    let mut lines = after.lines();
    for line in before.lines() {
        assert!(
            lines.any(|other| other == line),
            "`{line}` is not where it was in:\n{after}"
        );
    }
    assert_eq!(locked.check::<After>(false).ok(), Some(Checked::AsLocked));
    // What was added is locked like everything else.
    let error = locked.check::<Before>(false).expect_err("it was added");
    assert!(!matches!(error, LockError::Unrecorded { .. }), "{error}");
}

/// The change is refused, blessed or not, and the message has the attribute to write.
pub(crate) fn is_refused<Before: Aggregates, After: Aggregates>(kind: ChangeKind, attribute: &str) {
    let locked = Locked::of::<Before>();
    let before = locked.text();
    for bless in [false, true] {
        let error = locked
            .check::<After>(bless)
            .expect_err("what is stored is not read any more");
        let LockError::Broken { changes, .. } = &error else {
            panic!("{error}");
        };
        let text = error.to_string();
        assert!(text.contains(attribute), "{text}");
        assert_eq!(
            changes.iter().map(|change| change.kind).collect::<Vec<_>>(),
            [kind],
            "{text}"
        );
        assert_eq!(locked.text(), before, "a locked entry is never rewritten");
    }
}

/// What came cannot be locked, blessed or not, and the message says why.
pub(crate) fn cannot_be_locked<Before: Aggregates, After: Aggregates>(words: &str) {
    let locked = Locked::of::<Before>();
    let before = locked.text();
    for bless in [false, true] {
        let error = locked.check::<After>(bless).expect_err("it is not told");
        assert!(matches!(error, LockError::Undescribed(_)), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(locked.text(), before);
    }
}

/// The entry is not read by anything any more, and the message says what to write.
pub(crate) fn is_stale<Before: Aggregates, After: Aggregates>(words: &str) {
    let locked = Locked::of::<Before>();
    let before = locked.text();
    for bless in [false, true] {
        let error = locked.check::<After>(bless).expect_err("nothing reads it");
        let LockError::Broken { stale, .. } = &error else {
            panic!("{error}");
        };
        assert!(!stale.is_empty(), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(locked.text(), before);
    }
}

/// What the rows are written with.
pub(crate) mod names {
    pub(crate) use std::collections::{BTreeMap, HashSet};

    pub(crate) use eventsource_core::{Past, Schema, prelude::*};
    pub(crate) use serde::{Deserialize, Serialize};
}

/// A row: the items before and after, each with the list of its events, and what has to come of it.
#[macro_export]
macro_rules! change {
    (
        $(#[$meta:meta])*
        $name:ident: $outcome:ident($($said:expr),*);
        before($($before:tt)*) { $($old:item)* }
        after($($after:tt)*) { $($new:item)* }
    ) => {
        mod $name {
            $(#[$meta])*
            #[test]
            fn it_is_told() {
                $crate::support::$outcome::<before::State, after::State>($($said),*);
            }
            $crate::change!(@ before { $($before)* } $($old)*);
            $crate::change!(@ after { $($after)* } $($new)*);
        }
    };
    (@ $module:ident { $($listed:tt)* } $($item:item)*) => {
        mod $module {
            use $crate::support::names::*;

            $($item)*

            #[derive(Debug, Default, Aggregate)]
            #[aggregate(name = "subject", id = u64, error = std::convert::Infallible, $($listed)*)]
            pub(super) struct State;

            impl<E> Apply<E> for State {
                fn apply(&mut self, _: &E) {}
            }
        }
    };
}

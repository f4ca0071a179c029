//! What each way to fail says of itself.

use super::*;
use crate::store::Capability;

fn stream() -> StreamId {
    StreamId::new("account", "1").expect("a legal name")
}

/// One error of each kind. A new kind does not compile before somebody has decided what it is.
fn each_kind() -> Vec<(ReadError, bool, bool)> {
    let (first, position) = (
        Version::FIRST,
        Position::from_number(7).expect("positions begin at 1"),
    );
    let errors = vec![
        ReadError::StreamNotFound { stream: stream() },
        ReadError::Invalid { reason: "no" },
        ReadError::Unsupported(Unsupported {
            capability: Capability::Trim,
        }),
        ReadError::Ahead {
            asked: position,
            head: None,
        },
        ReadError::Trimmed {
            stream: stream(),
            first,
        },
        ReadError::OutOfSequence {
            stream: stream(),
            expected: first,
            found: Version::after(Some(first)),
            position,
        },
        ReadError::Corrupt {
            position: None,
            reason: "torn".to_owned(),
        },
        ReadError::Unavailable {
            source: "busy".into(),
        },
        ReadError::Closed,
        ReadError::Engine {
            source: "broken".into(),
        },
    ];
    let judged = errors.into_iter().map(|error| {
        let (transient, damage) = match &error {
            // It passes by itself, or the next read begins at what is left.
            ReadError::Unavailable { .. } | ReadError::Trimmed { .. } => (true, false),
            ReadError::Corrupt { .. } | ReadError::OutOfSequence { .. } => (false, true),
            // Somebody has to append, ask otherwise, open it again or mend it.
            ReadError::StreamNotFound { .. }
            | ReadError::Ahead { .. }
            | ReadError::Invalid { .. }
            | ReadError::Unsupported(_)
            | ReadError::Closed
            | ReadError::Engine { .. } => (false, false),
        };
        (error, transient, damage)
    });
    judged.collect()
}

#[test]
fn each_kind_says_whether_it_passes_and_whether_it_is_damage() {
    let all = each_kind();
    assert_eq!(all.len(), 10);
    for (error, transient, damage) in all {
        assert_eq!(error.is_transient(), transient, "{error:?}");
        assert_eq!(error.is_damage(), damage, "{error:?}");
    }
}

#[test]
fn a_hole_and_an_inversion_are_told_apart() {
    let version = |number| Version::new(number).expect("not 0");
    let told = |expected, found| {
        let error = ReadError::OutOfSequence {
            stream: stream(),
            expected: version(expected),
            found: version(found),
            position: Position::from_number(9).expect("positions begin at 1"),
        };
        error.to_string()
    };
    assert_eq!(
        told(4, 6),
        "the stream `account-1` goes on with version 6 at position 9, but version 4 was to come: events are missing \
         before it"
    );
    assert_eq!(
        told(4, 3),
        "the stream `account-1` goes on with version 3 at position 9, but version 4 was to come: it came before, or \
         comes too late"
    );
}

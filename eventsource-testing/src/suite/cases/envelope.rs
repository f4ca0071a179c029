//! What goes in comes out: times, metadata, payloads, texts of every language.

use std::sync::Arc;

use eventsource_core::{
    Actor, ContentType, EventStoreExt, ManualClock, Metadata, StoredPayload, Tag, Timestamp,
};

use crate::suite::{
    bench::Bench,
    cases::append::{assert_kept, full_event},
    fixture::Setup,
    kit,
};

/// Texts that engines and their drivers are known to cut, fold or misread.
pub(crate) const HOSTILE: &[&str] = &[
    "x' OR '1'='1",
    "'; DROP TABLE events; --",
    "\"quoted\"",
    "%",
    "_",
    "a%b_c",
    "$1",
    "?1",
    ":name",
    "a/../b",
    "back\\slash",
    " leading and trailing ",
    "tab\tand\nline",
    "*",
    ">",
    "a.b.c",
    "--",
    "null",
    // Four bytes, combining, right to left, a joined family, the byte order mark, beyond the first plane.
    "\u{1f3e6}\u{1f4b6}",
    "e\u{301}",
    "\u{e9}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{feff}mark",
    "\u{10ffff}",
];

/// Contract 9.
pub(crate) async fn a_10_the_time_of_recording_is_the_stores(bench: Bench) {
    let at = |micros| Timestamp::from_micros(micros);
    let clock = Arc::new(ManualClock::at(at(1_000)));
    let setup = Setup::default().with_clock(Arc::clone(&clock) as _);
    let (store, stream) = (bench.store_with(setup).await, kit::stream("1"));
    for (now, occurred) in [(1_000, i64::MAX), (2_000, 0), (2_001, i64::MIN)] {
        clock.set(at(now));
        let mut events = kit::events(0..2);
        for event in &mut events {
            event.occurred_at = at(occurred);
        }
        kit::put_events(&store, &stream, events).await;
        let stored = store.read_stream(&stream).await.expect("a stream");
        for event in &stored[stored.len() - 2..] {
            assert_eq!(event.recorded_at, at(now), "the store's clock");
            assert_eq!(event.occurred_at, at(occurred), "the caller's word");
        }
    }
}

/// Contract 9.
pub(crate) async fn a_11_times_are_kept_to_the_microsecond(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for micros in [
        0,
        1,
        -1,
        -62_135_596_800_000_000,
        -999_999,
        1_700_000_000_000_000,
        1_700_000_000_100_000,
        1_700_000_000_123_456,
        253_402_300_799_999_999,
        i64::MAX,
        i64::MIN,
    ] {
        let mut event = kit::event(1);
        event.occurred_at = Timestamp::from_micros(micros);
        assert_kept(&store, &stream, event).await;
    }
}

/// Contract 9.
pub(crate) async fn a_12_metadata_is_kept_as_it_is(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let fact = |key: &str, value: &str| Metadata::new().with(key, value).expect("a free key");
    let many = (0..200).fold(Metadata::new(), |all, n| {
        all.with(format!("fact {n}"), n).expect("a free key")
    });
    let mut nested = Metadata::new();
    nested.insert("list", vec!["a", "b"]).expect("a free key");
    nested.insert("number", u64::MAX).expect("a free key");
    nested.insert("negative", i64::MIN).expect("a free key");
    nested.insert("fraction", 0.1).expect("a free key");
    nested.insert("yes", true).expect("a free key");
    nested.insert("nothing", None::<bool>).expect("a free key");
    let innermost = serde_json::Value::Bool(true);
    let deep = (0..Metadata::MAX_DEPTH).fold(innermost, |inside, _| vec![inside].into());
    nested.insert("deep", deep).expect("a free key");
    for metadata in [
        Metadata::new(),
        fact("", "an empty key"),
        fact("empty", ""),
        fact("nul", "a\0b"),
        nested,
        many,
    ] {
        let mut event = kit::event(1);
        event.metadata = metadata;
        assert_kept(&store, &stream, event).await;
    }
    for text in HOSTILE {
        let mut event = kit::event(1);
        event.metadata = if text.starts_with('$') {
            fact("text", text)
        } else {
            fact(text, text)
        };
        assert_kept(&store, &stream, event).await;
    }
    assert!(Metadata::new().with("$reserved", 1).is_err());
}

/// Numbers of which an engine or its driver that reads them loses the last bits, the sign or all.
const FLOATS: &[f64] = &[
    0.1,
    0.1 + 0.2,
    -0.0,
    1e23,
    5e-324,
    2.225_073_858_507_201e-308,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::EPSILON,
    9_007_199_254_740_993.0,
    -1.797_693_134_862_315_5e308,
    1.000_000_000_000_000_2,
];

/// Contract 9.
pub(crate) async fn a_16_floats_are_kept_to_the_last_bit(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for float in FLOATS {
        let mut event = kit::event(1);
        let payload = serde_json::to_vec(float).expect("a finite number");
        event.payload = StoredPayload::json(&payload);
        event.metadata.insert("float", *float).expect("a free key");
        kit::put_events(&store, &stream, vec![event]).await;
        let last = store
            .last(eventsource_core::Read::stream(stream.clone()))
            .await;
        let last = last.expect("a stream").expect("an event");
        let payload: Option<f64> = serde_json::from_slice(last.payload.bytes()).ok();
        let fact = last.metadata.get("float");
        let fact = fact.and_then(serde_json::Value::as_f64);
        for (place, read) in [("the payload", payload), ("the metadata", fact)] {
            assert_eq!(
                read.map(f64::to_bits),
                Some(float.to_bits()),
                "the bits of {float:e} in {place}"
            );
        }
    }
}

/// Contract 9.
pub(crate) async fn a_13_payloads_of_nothing_are_told_apart(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    for bytes in [
        &b""[..],
        b"null",
        b"{}",
        b"[]",
        b"\"\"",
        b"0",
        b"-0.0",
        b" { \"a\" : 1 , \"a\" : 2 } ",
        b"{\"b\":1,\"a\":9007199254740993,\"c\":1e308}",
        b"not json at all",
    ] {
        let mut event = kit::event(1);
        event.payload = StoredPayload::json(bytes);
        assert_kept(&store, &stream, event).await;
    }
}

/// Contract 9.
pub(crate) async fn a_14_a_payload_may_be_any_bytes(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    let every_byte: Vec<u8> = (0..=255).collect();
    let binary = ContentType::new("application/octet-stream").expect("a legal content type");
    for bytes in [&every_byte[..], b"\0", b"a\0b", b"\xff\xfe", b"\xc3\x28"] {
        for content_type in [ContentType::JSON, binary.clone()] {
            let mut event = kit::event(1);
            event.payload = StoredPayload::new(content_type, bytes);
            assert_kept(&store, &stream, event).await;
        }
    }
}

/// Contract 9 and 12.
pub(crate) async fn a_15_texts_of_every_language_are_kept(bench: Bench) {
    let store = bench.store().await;
    for text in HOSTILE {
        let mut event = full_event();
        event.actor = Some(Actor::new(*text).expect("no NUL"));
        event.tags = [*text, "another"]
            .map(|tag| Tag::new(tag).expect("no NUL"))
            .into();
        event.payload = StoredPayload::json(text.as_bytes());
        assert_kept(&store, &kit::stream(text), event).await;
    }
}

/// Contract 11.
pub(crate) async fn a_22_what_was_read_once_is_read_the_same_for_ever(bench: Bench) {
    let (store, stream) = (bench.store().await, kit::stream("1"));
    kit::put_events(&store, &stream, vec![full_event(), full_event()]).await;
    let before = store.read_stream(&stream).await.expect("a stream");
    kit::put(&store, &stream, 0..200).await;
    kit::put(&store, &kit::stream("2"), 0..200).await;
    for _ in 0..3 {
        let after = store.read_stream(&stream).await.expect("a stream");
        assert_eq!(after[..2], before, "every part of every event");
    }
}

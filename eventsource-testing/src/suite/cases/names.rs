//! Names are data: none is cut, folded, mistaken for another one, or executed.

use std::collections::BTreeMap;

use eventsource_core::{
    Actor, Append, AppendKey, Category, EventName, EventStoreExt, Expected, Read, StreamId, Tag,
};

use crate::suite::{
    bench::Bench,
    cases::{
        append::{assert_kept, full_event},
        envelope::HOSTILE,
    },
    kit,
};

/// Contract 12.
pub(crate) async fn a_17_names_of_the_greatest_length_are_kept(bench: Bench) {
    let store = bench.store().await;
    let long = |bytes: usize| "x".repeat(bytes);
    let mut event = full_event();
    event.name = EventName::new(long(EventName::MAX_BYTES)).expect("at the limit");
    event.actor = Some(Actor::new(long(Actor::MAX_BYTES)).expect("at the limit"));
    event.tags = (0..50)
        .map(|n| Tag::new(format!("{n:03}{}", long(Tag::MAX_BYTES - 3))).expect("at the limit"))
        .collect();
    let (category, id) = (long(Category::MAX_BYTES), long(StreamId::MAX_ID_BYTES));
    let stream = StreamId::new(&category, &id).expect("at the limit");
    assert_kept(&store, &stream, event).await;
    // Names that differ in their last byte only are different.
    let other_id = format!("{}y", &id[1..]);
    let other = StreamId::new(&category, other_id).expect("at the limit");
    assert_eq!(kit::current(&store, &other).await, None);
    let key = AppendKey::new(long(AppendKey::MAX_BYTES)).expect("at the limit");
    let append = Append::to(other, Expected::NoStream, kit::events(0..1)).with_key(key.clone());
    store.append(append).await.expect("an append");
    let other_key = format!("{}y", long(AppendKey::MAX_BYTES - 1));
    let other_key = AppendKey::new(other_key).expect("at the limit");
    for (key, found) in [(key, true), (other_key, false)] {
        let receipt = store
            .find_append(&key)
            .await
            .expect("the store can be read");
        assert_eq!(receipt.is_some(), found, "{key}");
    }
}

/// Each id is a stream of its own: none is taken for another one, in any way of reading.
async fn assert_apart(bench: &Bench, ids: &[&str]) {
    let store = bench.store().await;
    let mut expected = BTreeMap::new();
    for (place, id) in ids.iter().enumerate() {
        let (stream, mark) = (kit::stream(id), place as u64);
        let events = [kit::event(mark), kit::event(mark)];
        let append = Append::to(stream.clone(), Expected::NoStream, events).with_key(kit::key(id));
        let receipt = store.append(append).await;
        let receipt = receipt.unwrap_or_else(|error| panic!("`{id}` is a new stream: {error:?}"));
        assert!(receipt.is_first(), "`{id}` is a new key");
        expected.insert(stream, mark);
    }
    assert_eq!(expected.len(), ids.len(), "the case names each stream once");
    for (stream, mark) in expected {
        assert_eq!(
            kit::stream_marks(&store, &stream).await,
            [mark, mark],
            "`{stream}`"
        );
        assert_eq!(
            kit::current(&store, &stream).await,
            Some(kit::version(2)),
            "`{stream}`"
        );
        let found = store.find_append(&kit::key(stream.id())).await;
        let found = found
            .expect("the store can be read")
            .expect("the key was used");
        assert_eq!(found.streams[0].stream, stream);
    }
    assert_eq!(kit::all(&store).await.len(), 2 * ids.len());
}

/// Contract 12.
pub(crate) async fn a_18_names_that_look_alike_are_different(bench: Bench) {
    assert_apart(
        &bench,
        &[
            "abc", "ABC", "Abc", "abc ", " abc", "abc\t", "abcd", "ab", "a-bc", "abc-", "-abc",
            "\u{e9}", "e\u{301}", "\u{c9}", "\u{df}", "ss", "\u{131}", "i", "I", "\u{130}", "1",
            "01", "1.0", "1e0", "\u{ff11}",
        ],
    )
    .await;
    // The same id in another category is another stream, also where the texts run into each other.
    let store = bench.store().await;
    let names = [
        ("account", "1"),
        ("Account", "1"),
        ("accoun", "t-1"),
        ("account.a", "1"),
        ("account_a", "1"),
    ];
    for (mark, (category, id)) in (0..).zip(names) {
        let stream = StreamId::new(category, id).expect("a legal name");
        let append = Append::to(stream.clone(), Expected::NoStream, [kit::event(mark)]);
        store.append(append).await.expect("a new stream");
        let only = store
            .read(Read::category(stream.category().clone()))
            .collect()
            .await;
        assert_eq!(
            kit::marks(&only.expect("a read")),
            [mark],
            "the category of `{stream}`"
        );
    }
}

/// Contract 12. Ids that end in another query open the accounts of others (D4 of the field).
pub(crate) async fn a_19_hostile_names_are_data(bench: Bench) {
    assert_apart(&bench, HOSTILE).await;
    let store = bench.store().await;
    let victim = kit::stream("somebody else");
    kit::put(&store, &victim, 0..3).await;
    for text in HOSTILE {
        let stream = kit::stream(text);
        assert_eq!(
            kit::stream_marks(&store, &stream).await,
            Vec::<u64>::new(),
            "`{text}`"
        );
        let tag = Tag::new(*text).expect("no NUL");
        let tagged = store.read(Read::all().tagged([tag])).collect().await;
        assert_eq!(tagged.expect("a read"), [], "the tag `{text}`");
        let found = store.find_append(&kit::key(text)).await;
        assert_eq!(
            found.expect("the store can be read"),
            None,
            "the key `{text}`"
        );
    }
    assert_eq!(store.read_stream(&victim).await.expect("a stream").len(), 3);
}

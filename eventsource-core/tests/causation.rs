//! Trees of what was caused, also where the causes were made up by somebody who means no good.

use eventsource_core::{
    Append, CausationId, CommandId, CorrelationId, EventId, EventName, EventStore, EventStoreExt,
    Expected, MemoryStore, NewEvent, Read, StoredPayload, StreamId, Timestamp,
};
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

/// Stores events, each with its id and the id of what caused it.
async fn stored(events: impl IntoIterator<Item = (u128, u128)>) -> MemoryStore {
    let store = MemoryStore::new();
    let stream = StreamId::new("note", "1").expect("a legal stream");
    let events = events.into_iter().map(|(number, cause)| {
        let mut event = NewEvent::new(
            EventId::new(Uuid::from_u128(number)),
            EventName::new("note.taken").expect("a legal name"),
            1,
            StoredPayload::json(b"\"secret\""),
            Timestamp::EPOCH,
        );
        event.causation_id = (cause != 0).then(|| id(cause));
        event
    });
    store
        .append(Append::to(stream, Expected::Any, events))
        .await
        .expect("an append");
    store
}

/// The versions and depths of a tree, in its order.
async fn tree(store: &MemoryStore, root: u128) -> Vec<(u64, usize)> {
    let tree = store
        .causation_tree(id::<CausationId>(root))
        .await
        .expect("a tree");
    assert!(!tree.is_cut());
    tree.iter()
        .map(|caused| (caused.event.version.get(), caused.depth))
        .collect()
}

#[tokio::test]
async fn a_tree_has_what_was_caused_and_nothing_else() {
    // 100 is a command. What is caused may stand before its cause.
    let store = stored([(1, 100), (2, 4), (3, 0), (4, 1), (5, 1), (6, 3), (7, 2)]).await;
    assert_eq!(
        tree(&store, 100).await,
        [(1, 1), (2, 3), (4, 2), (5, 2), (7, 4)]
    );
    assert_eq!(tree(&store, 4).await, [(2, 1), (7, 2)]);
    assert_eq!(tree(&store, 3).await, [(6, 1)]);
    assert_eq!(tree(&store, 7).await, []);
    assert_eq!(tree(&store, 999).await, []);
    let empty = MemoryStore::new().causation_tree(id::<CommandId>(1)).await;
    assert!(empty.expect("a tree").is_empty());
}

#[tokio::test]
async fn causes_that_go_in_a_circle_come_to_an_end() {
    let itself = stored([(1, 1), (2, 1)]).await;
    assert_eq!(tree(&itself, 1).await, [(1, 1), (2, 1)]);
    let circle = stored([(1, 3), (2, 1), (3, 2), (4, 3)]).await;
    assert_eq!(tree(&circle, 1).await, [(1, 3), (2, 1), (3, 2), (4, 3)]);
    for (store, lines) in [(&itself, 3), (&circle, 5)] {
        let tree = store.causation_tree(id::<EventId>(1)).await;
        let text = tree.expect("a tree").to_string();
        assert_eq!(text.lines().count(), lines, "each event once: {text}");
    }
}

#[tokio::test]
async fn a_long_chain_and_a_wide_tree_are_read_and_shown() {
    let chain = stored((1..=3_000).map(|number| (number, number - 1))).await;
    let tree = chain.causation_tree(id::<EventId>(1)).await.expect("one");
    assert_eq!((tree.len(), tree.depth()), (2_999, 2_999));
    assert_eq!(tree.to_string().lines().count(), 3_000);
    // More than are asked for at once, on each of two levels.
    let children = (2..102).map(|number| (number, 1));
    let grandchildren = (2..102).map(|number| (number + 1_000, number));
    let wide = stored(children.chain(grandchildren)).await;
    let tree = wide.causation_tree(id::<EventId>(1)).await.expect("one");
    assert_eq!((tree.len(), tree.depth()), (200, 2));
    assert_eq!(tree.caused_by(tree.root()).count(), 100);
    assert_eq!(tree.caused_by(id::<EventId>(50)).count(), 1);
}

#[tokio::test]
async fn a_tree_that_is_cut_says_so_and_has_the_nearest_events() {
    let store = stored([(1, 100), (2, 1), (3, 2), (4, 100)]).await;
    let root = id::<CommandId>(100);
    for (most, expected) in [
        (0, &[][..]),
        (1, &[1]),
        (2, &[1, 4]),
        (3, &[1, 2, 4]),
        (4, &[1, 2, 3, 4]),
    ] {
        let tree = store.causation_tree_of_at_most(root, most).await;
        let tree = tree.expect("a tree");
        let found: Vec<_> = tree.iter().map(|one| one.event.version.get()).collect();
        assert_eq!(found, expected);
        assert_eq!(tree.is_cut(), most < 4, "at most {most}");
        assert_eq!(tree.to_string().contains("more than"), most < 4);
    }
}

#[tokio::test]
async fn the_text_of_a_tree_shows_names_and_places_and_no_payload() {
    let store = stored([(1, 100), (2, 1), (3, 100), (4, 2)]).await;
    let tree = store.causation_tree(id::<CommandId>(100)).await;
    let tree = tree.expect("a tree");
    let expected = "00000000-0000-0000-0000-000000000064\n  \
        note.taken note-1 1\n    note.taken note-1 2\n      note.taken note-1 4\n  note.taken note-1 3\n";
    assert_eq!(tree.to_string(), expected);
    assert_eq!(format!("{tree:?}"), expected);
}

#[tokio::test]
async fn a_filter_by_conversation_or_cause_is_not_every_event() {
    assert!(Read::all().filter.is_all());
    let read = Read::all().correlated(id::<CorrelationId>(1));
    assert!(!read.filter.is_all());
    assert!(!Read::all().caused_by([id::<EventId>(1)]).filter.is_all());
}

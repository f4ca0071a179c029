//! What an append does beside storing its events.

use eventsource_core::{
    Append, AppendError, EventStore, EventStoreExt, Expected, Generation, Rejection,
    projection::DeliveryError,
};

use crate::{
    common::{folder, stream},
    domain::{Balances, balance, in_version, live, moved, open_with, raw},
};

#[tokio::test]
async fn what_was_appended_is_in_the_read_model_when_the_append_returns() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    for (number, sum) in [(1, 11), (2, 22), (3, 33)] {
        let two = moved("a", [5]).and(stream("b"), Expected::Any, [raw("{\"haler\":6}")]);
        let key = format!("k{number}").parse().unwrap();
        let two = two.with_key(key);
        store.append(two.clone()).await.unwrap();
        assert_eq!(balance(&path), sum);
        // A repetition is delivered no more than it is stored.
        store.append(two).await.unwrap();
        assert_eq!(balance(&path), sum);
        assert_eq!(live(&store).await, (Generation::FIRST, true));
    }
    // Of another aggregate.
    let other = Append::to("order-1".parse().unwrap(), Expected::Any, [raw("{}")]);
    store.append(other).await.unwrap();
    assert_eq!(live(&store).await, (Generation::FIRST, true));
    store.close().await;
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [1])).await.unwrap();
    assert_eq!(balance(&path), 34);
}

#[tokio::test]
async fn an_event_that_a_handler_cannot_take_is_not_stored_and_harms_no_other_append() {
    let (_folder, path) = folder();
    let store = open_with(&path, Balances).await;
    store.append(moved("a", [5])).await.unwrap();
    let key = "k".parse().unwrap();
    let refused = [
        moved("a", [1, -100]).with_key(key),
        moved("a", [1, 13]),
        Append::to(
            stream("a"),
            Expected::Any,
            [raw("{\"haler\":1}"), raw("[]")],
        ),
        // What the event was in an earlier version is brought up by code that panics.
        Append::to(
            stream("a"),
            Expected::Any,
            [raw("{\"haler\":1}"), in_version(1, "{\"units\":13}")],
        ),
    ];
    let mut appends = Vec::new();
    for append in &refused {
        for append in [append.clone(), moved("b", [1])] {
            let store = store.clone();
            appends.push(tokio::spawn(async move { store.append(append).await }));
        }
    }
    for (number, append) in appends.into_iter().enumerate() {
        let outcome = append.await.unwrap();
        if number % 2 == 1 {
            outcome.unwrap();
            continue;
        }
        let Err(AppendError::Rejected(Rejection::Projection {
            projection,
            stream: of,
            version,
            error,
        })) = outcome
        else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (projection.as_str(), of, version.get()),
            ("balances", stream("a"), 3)
        );
        let is_as_expected = match number {
            0 => matches!(error, DeliveryError::Handler(_)),
            2 | 6 => matches!(error, DeliveryError::Panicked),
            _ => matches!(error, DeliveryError::Decode(_)),
        };
        assert!(is_as_expected, "{error:?}");
    }
    assert_eq!(store.read_all().await.unwrap().len(), 5);
    assert_eq!((balance(&path), live(&store).await.1), (9, true));
    assert!(
        store
            .find_append(&"k".parse().unwrap())
            .await
            .unwrap()
            .is_none()
    );
    store.append(moved("a", [2])).await.unwrap();
    assert_eq!(balance(&path), 11);
}

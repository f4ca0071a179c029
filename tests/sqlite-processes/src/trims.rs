//! A process that ends within a trim, as in a loss of power.

use std::path::Path;

use eventsource_core::{Append, EventStore as _, Expected, TrimStore as _, Version};

use crate::{
    common::{
        events,
        faulty::{once, open_with},
        open, stream,
    },
    crash::point,
};

pub(crate) async fn crash(path: &Path, at: &str) {
    let store = open(path).await;
    for number in 0..4_u64 {
        let key = format!("k{number}").parse().unwrap();
        let append = Append::to(
            stream("a"),
            Expected::Any,
            events(number * 2..number * 2 + 2),
        )
        .and(stream("b"), Expected::Any, events(number + 50..number + 51))
        .with_key(key);
        store.append(append).await.unwrap();
    }
    store.close().await;
    let store = open_with(path, once(point(at), || std::process::abort())).await;
    drop(store.trim(&stream("a"), Version::new(6).unwrap()).await);
}

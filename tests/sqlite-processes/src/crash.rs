//! A process that ends within an append, as in a loss of power.

use std::path::Path;

use eventsource_core::{EventStore as _, fault::FaultPoint};

use crate::common::{
    faulty::{full, once, open_with},
    one, open,
};

pub(crate) fn point(text: &str) -> FaultPoint {
    match text {
        "before" => FaultPoint::BeforeCommit,
        "after" => FaultPoint::AfterCommit,
        number => FaultPoint::Statement(number.parse().unwrap()),
    }
}

pub(crate) async fn crash(path: &Path, point: &str) {
    open(path).await.append(one("earlier")).await.unwrap();
    let store = open_with(path, once(self::point(point), || std::process::abort())).await;
    drop(store.append(full("k")).await);
}

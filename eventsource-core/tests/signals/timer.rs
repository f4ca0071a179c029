//! Waits that end when the test says so.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use eventsource_core::Timer;
use tokio::sync::oneshot::{Sender, channel};

/// Ends no wait by itself, but those of no time at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByHand(Arc<Mutex<Vec<Wait>>>);

/// For how long, and who ends it.
type Wait = (Duration, Sender<()>);

impl Timer for ByHand {
    fn sleep(&self, delay: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        if delay.is_zero() {
            return Box::pin(std::future::ready(()));
        }
        let (ring, bell) = channel();
        self.0.lock().expect("not poisoned").push((delay, ring));
        Box::pin(async { _ = bell.await })
    }
}

impl ByHand {
    /// Ends all waits of this time.
    pub(crate) fn ring(&self, delay: Duration) {
        let mut waits = self.0.lock().expect("not poisoned");
        for (_, ring) in waits.extract_if(.., |(of, _)| *of == delay) {
            // Nobody may wait any more.
            _ = ring.send(());
        }
    }
}

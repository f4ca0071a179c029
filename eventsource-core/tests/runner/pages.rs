//! What is read, in pages that do not come at once.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use eventsource_core::{EventStream, Page, ReadError};
use futures_core::Stream;

/// Makes such pages, and knows how far they go.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    events: usize,
    furthest: Arc<AtomicU64>,
}

impl Pages {
    pub(crate) fn by(events: usize) -> Self {
        let furthest = Arc::default();
        Self { events, furthest }
    }

    pub(crate) fn of(&self, events: EventStream) -> EventStream {
        EventStream::from_pages(Waiting {
            events,
            pages: self.clone(),
            has_waited: false,
        })
    }

    /// The last position that was given.
    pub(crate) fn furthest(&self) -> u64 {
        self.furthest.load(Ordering::SeqCst)
    }
}

struct Waiting {
    events: EventStream,
    pages: Pages,
    has_waited: bool,
}

impl Stream for Waiting {
    type Item = Result<Page, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.has_waited = !self.has_waited;
        if self.has_waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let mut page = Page::new();
        while page.len() < self.pages.events {
            // The store in memory is never late.
            match Pin::new(&mut self.events).poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => page.push(event),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        let Some(last) = page.last() else {
            return Poll::Ready(None);
        };
        let last = last.position.number();
        self.pages.furthest.fetch_max(last, Ordering::SeqCst);
        Poll::Ready(Some(Ok(page)))
    }
}

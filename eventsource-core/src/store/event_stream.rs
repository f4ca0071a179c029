//! The events of a read, as they come.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use crate::{record::Recorded, store::ReadError};

/// Some events that a store read in one go.
pub type Page = Vec<Recorded>;

type Pages = Pin<Box<dyn Stream<Item = Result<Page, ReadError>> + Send>>;

/// The events of a read, one after the other, in bounded memory: the next page is fetched when the last one is used up.
///
/// It ends after the last event, or after the first error. Dropping it ends the read.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{EventStore, MemoryStore, Read};
///
/// let mut events = MemoryStore::new().read(Read::all());
/// while let Some(event) = events.next().await? {
///     println!("{} {} of {}", event.position, event.name, event.stream);
/// }
/// # Ok(()) }
/// ```
pub struct EventStream {
    pages: Pages,
    page: VecDeque<Recorded>,
    ended: bool,
}

impl EventStream {
    /// For stores: a stream of pages, each in read order, none repeated.
    pub fn from_pages(pages: impl Stream<Item = Result<Page, ReadError>> + Send + 'static) -> Self {
        Self {
            pages: Box::pin(pages),
            page: VecDeque::new(),
            ended: false,
        }
    }

    /// For stores: pages from a function that is called when one is needed and answers at once.
    pub fn from_page_fn(
        next: impl FnMut() -> Option<Result<Page, ReadError>> + Send + Unpin + 'static,
    ) -> Self {
        Self::from_pages(PageFn(next))
    }

    /// For stores: a read that fails before its first event.
    pub fn failed(error: ReadError) -> Self {
        let mut error = Some(error);
        Self::from_page_fn(move || error.take().map(Err))
    }

    /// The next event; `None` after the last one.
    ///
    /// Cancel safe: dropping the future loses no event.
    ///
    /// # Errors
    ///
    /// [`ReadError`], once; the stream has then ended.
    pub async fn next(&mut self) -> Result<Option<Recorded>, ReadError> {
        poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    /// The next event of the page at hand, which stays there.
    pub(super) fn at_hand(&self) -> Option<&Recorded> {
        self.page.front()
    }

    /// Takes the next event of the page at hand.
    pub(super) fn take_at_hand(&mut self) -> Option<Recorded> {
        self.page.pop_front()
    }

    /// The rest of the page at hand, or else the next page; empty after the last event.
    ///
    /// Cancel safe: dropping the future loses no event.
    ///
    /// # Errors
    ///
    /// [`ReadError`], once; the stream has then ended.
    pub async fn next_page(&mut self) -> Result<Page, ReadError> {
        match poll_fn(|cx| self.poll_page(cx)).await {
            None => Ok(Page::new()),
            Some(Ok(())) => Ok(std::mem::take(&mut self.page).into()),
            Some(Err(error)) => Err(error),
        }
    }

    /// All events that are left. Mind the memory: a whole store may not fit.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; the events before it are dropped.
    pub async fn collect(mut self) -> Result<Vec<Recorded>, ReadError> {
        let mut all = Vec::new();
        loop {
            let mut page = self.next_page().await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.append(&mut page);
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Recorded, ReadError>>> {
        match std::task::ready!(self.poll_page(cx)) {
            None => Poll::Ready(None),
            Some(Ok(())) => Poll::Ready(self.page.pop_front().map(Ok)),
            Some(Err(error)) => Poll::Ready(Some(Err(error))),
        }
    }

    /// Ready with `Ok` once the page at hand has an event.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), ReadError>>> {
        loop {
            if !self.page.is_empty() {
                return Poll::Ready(Some(Ok(())));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match std::task::ready!(self.pages.as_mut().poll_next(cx)) {
                Some(Ok(page)) => self.page = page.into(),
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => self.ended = true,
            }
        }
    }
}

impl Stream for EventStream {
    type Item = Result<Recorded, ReadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("at_hand", &self.page.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

struct PageFn<F>(F);

impl<F: FnMut() -> Option<Result<Page, ReadError>> + Unpin> Stream for PageFn<F> {
    type Item = Result<Page, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0())
    }
}

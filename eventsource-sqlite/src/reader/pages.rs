//! The pages of a read as a stream, the next of which is fetched while the present one is used.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use eventsource_core::{Page, Read, ReadError, Scope};
use futures_core::Stream;
use tokio::sync::oneshot;

use super::{Length, Moment, Readers, answer, cursor::Cursor};
use crate::error::read_error;

/// A page, and the place from which the next one is read.
type Fetched = (Page, Option<Cursor>);

/// Nothing is read before the first poll. Afterwards at most one page is fetched ahead, and no thread is held by a
/// consumer that takes its time. Dropping it ends the read.
#[derive(Debug)]
pub(crate) struct Pages {
    readers: Arc<Readers>,
    state: State,
}

#[derive(Debug)]
enum State {
    New(Box<Read>),
    Fetching {
        page: oneshot::Receiver<Result<Fetched, ReadError>>,
        /// Whether nothing has been given before it.
        is_first: bool,
    },
    /// The first page that is not empty has been given, and whether another one is wanted is not known yet.
    Paused(Box<Cursor>),
    Ended,
}

impl Pages {
    pub(crate) fn new(readers: Arc<Readers>, read: Read) -> Self {
        let state = State::New(Box::new(read));
        Self { readers, state }
    }

    fn begin(&self, read: Box<Read>) -> State {
        let page = self
            .readers
            .submit(length_of(&read), move |connection, texts, is_wanted| {
                // One transaction for the bounds and the first page takes SQLite's locks once. It ends with that page, which
                // looks at so many events only.
                let _moment = Moment::begin(connection).map_err(read_error)?;
                let Some(mut cursor) = Cursor::begin(connection, texts, &read)? else {
                    return Ok((Page::new(), None));
                };
                let page = cursor.next_page(connection, texts, is_wanted)?;
                Ok((page, (!cursor.is_done()).then_some(cursor)))
            });
        State::Fetching {
            page,
            is_first: true,
        }
    }

    fn go_on(&self, mut cursor: Cursor, is_first: bool) -> State {
        let page = self
            .readers
            .submit(Length::Long, move |connection, texts, is_wanted| {
                // One transaction, so that what is missing and what was trimmed are of one moment.
                let _moment = Moment::begin(connection).map_err(read_error)?;
                let page = cursor.next_page(connection, texts, is_wanted)?;
                Ok((page, (!cursor.is_done()).then_some(cursor)))
            });
        State::Fetching { page, is_first }
    }
}

/// How long the first page takes: where each event of a stream is wanted, not long.
fn length_of(read: &Read) -> Length {
    let is_of_stream = matches!(read.scope, Scope::Stream(_));
    let is_occurred = read.occurred_from.is_some() || read.occurred_to.is_some();
    if is_of_stream && read.filter.is_all() && !is_occurred {
        Length::Short
    } else {
        Length::Long
    }
}

impl Stream for Pages {
    type Item = Result<Page, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::New(read) => self.state = self.begin(read),
                State::Paused(cursor) => self.state = self.go_on(*cursor, false),
                State::Fetching { mut page, is_first } => {
                    let Poll::Ready(fetched) = Pin::new(&mut page).poll(cx) else {
                        self.state = State::Fetching { page, is_first };
                        return Poll::Pending;
                    };
                    let (page, cursor) = match answer(fetched) {
                        Ok(fetched) => fetched,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    self.state = match cursor {
                        None => State::Ended,
                        // Nothing was found so far. The rest queues behind what others have asked meanwhile.
                        Some(cursor) if page.is_empty() => self.go_on(cursor, is_first),
                        // A read of which only the first events are wanted costs no second page.
                        Some(cursor) if is_first => State::Paused(Box::new(cursor)),
                        Some(cursor) => self.go_on(cursor, false),
                    };
                    if !page.is_empty() {
                        return Poll::Ready(Some(Ok(page)));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use eventsource_core::{EventName, StreamId, Timestamp};

    use super::*;

    #[test]
    fn a_read_that_may_look_at_much_and_find_little_is_a_long_one() {
        let stream = || Read::stream(StreamId::new("account", "1").expect("a stream"));
        let name = EventName::new("account.opened").expect("a name");
        for (read, expected) in [
            (stream(), Length::Short),
            (stream().recorded_from(Timestamp::EPOCH), Length::Short),
            (stream().named([name]), Length::Long),
            (stream().occurred_from(Timestamp::EPOCH), Length::Long),
            (stream().occurred_to(Timestamp::EPOCH), Length::Long),
            (Read::all(), Length::Long),
        ] {
            assert_eq!(length_of(&read), expected, "{read:?}");
        }
    }
}

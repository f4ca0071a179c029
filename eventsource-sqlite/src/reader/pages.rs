//! The pages of a read as a stream, the next of which are fetched while the present one is used.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use eventsource_core::{Page, Read, ReadError, Scope};
use futures_core::Stream;
use tokio::sync::mpsc;

use super::{Length, Moment, Readers, Thread, answer, cursor::Cursor};
use crate::error::read_error;

/// How many pages lie ready or are being read, at the most.
const AHEAD: usize = 2;

/// Where a thread begins to read.
enum Place {
    /// At the beginning; the bounds are not settled yet.
    Begin(Box<Read>),
    At(Box<Cursor>),
}

/// What comes after a page.
#[derive(Debug)]
enum Then {
    /// Nothing.
    Ended,
    /// The page that the thread reads now.
    Next,
    /// What is read from here, once it is asked for: the thread has let go of the read.
    From(Box<Cursor>),
}

type Fetched = Result<(Page, Then), ReadError>;
type Sender = mpsc::Sender<Fetched>;

/// Nothing is read before the first poll. Afterwards a thread reads ahead as long as its pages are taken, and no thread is
/// held by a consumer that takes its time. Dropping it ends the read.
#[derive(Debug)]
pub(crate) struct Pages {
    readers: Arc<Readers>,
    state: State,
}

#[derive(Debug)]
enum State {
    New(Box<Read>),
    Fetching {
        pages: mpsc::Receiver<Fetched>,
        /// Whether nothing has been given before.
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

    /// Lets a thread read from here on.
    fn fetch(&self, from: Place, is_first: bool) -> State {
        let length = match &from {
            Place::Begin(read) => length_of(read),
            Place::At(_) => Length::Long,
        };
        let (fetched, pages) = mpsc::channel(AHEAD);
        let refused = fetched.clone();
        let job = move |thread: &mut Thread| read_ahead(thread, from, is_first, &fetched);
        if let Err(error) = self.readers.submit(length, job) {
            // It comes after the page at hand. There is room, and somebody who waits.
            drop(refused.try_send(Err(error)));
        }
        State::Fetching { pages, is_first }
    }
}

/// Gives one page after the other: until the read ends, until they are not taken as fast as they are read, or until another
/// read waits for a thread. The first one is given alone. Each is read in a transaction of its own, so that no snapshot of
/// the log stays open for longer than a page takes.
fn read_ahead(thread: &mut Thread, mut from: Place, is_first: bool, fetched: &Sender) {
    // Nothing is read where nobody waits for it any more.
    let Ok(mut room) = fetched.try_reserve() else {
        return;
    };
    loop {
        let is_wanted = || !fetched.is_closed();
        let read = thread.read(|connection, texts| {
            // The bounds are of one moment with the first page, and what is missing with what was trimmed.
            let _moment = Moment::begin(connection).map_err(read_error)?;
            let mut cursor = match from {
                Place::At(cursor) => cursor,
                Place::Begin(read) => match Cursor::begin(connection, texts, &read)? {
                    Some(cursor) => Box::new(cursor),
                    None => return Ok((Page::new(), None)),
                },
            };
            let page = cursor.next_page(connection, texts, &is_wanted)?;
            Ok((page, (!cursor.is_done()).then_some(cursor)))
        });
        let (page, cursor) = match read {
            Ok((page, Some(cursor))) => (page, cursor),
            Ok((page, None)) => return room.send(Ok((page, Then::Ended))),
            Err(error) => return room.send(Err(error)),
        };
        if !is_wanted() {
            return;
        }
        let others_wait = thread.queue.is_waited_for();
        if page.is_empty() && !others_wait {
            from = Place::At(cursor);
            continue;
        }
        if is_first || others_wait {
            return room.send(Ok((page, Then::From(cursor))));
        }
        let Ok(more_room) = fetched.try_reserve() else {
            return room.send(Ok((page, Then::From(cursor))));
        };
        room.send(Ok((page, Then::Next)));
        (room, from) = (more_room, Place::At(cursor));
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
                State::New(read) => self.state = self.fetch(Place::Begin(read), true),
                State::Paused(cursor) => self.state = self.fetch(Place::At(cursor), false),
                State::Fetching {
                    mut pages,
                    is_first,
                } => {
                    let Poll::Ready(fetched) = pages.poll_recv(cx) else {
                        self.state = State::Fetching { pages, is_first };
                        return Poll::Pending;
                    };
                    let (page, then) = answer(fetched)?;
                    self.state = match then {
                        Then::Ended => State::Ended,
                        Then::Next => State::Fetching { pages, is_first },
                        // Of a read of which only the first events are wanted no second page is read.
                        Then::From(cursor) if is_first && !page.is_empty() => State::Paused(cursor),
                        // Before the page at hand is used; behind what others have asked meanwhile.
                        Then::From(cursor) => self.fetch(Place::At(cursor), is_first),
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

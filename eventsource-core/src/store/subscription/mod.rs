//! Following a store: first what is there, then what comes.

mod at_hand;

use std::{fmt, sync::Arc};

use crate::{
    aggregate::Aggregate,
    events_of::EventsOf,
    id::{CausationId, CorrelationId},
    record::Recorded,
    store::{
        Direction, EventStore, EventStream, Read, ReadError, Scope,
        asked::{Asked, Question},
        filter::{Filter, filtered},
        sequence::{STREAMS, Sequence},
    },
    stream::{Position, StreamId},
    text::{Category, EventName, Tag, TextError},
};

/// Where a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// With the first event of the store.
    Beginning,
    /// After this position, as a checkpoint says it.
    After(Position),
    /// With what is appended after the call to [`Subscription::begin`].
    Now,
}

/// What a subscription follows.
///
/// ```
/// use eventsource_core::{Category, Start, Subscribe};
///
/// let accounts = Subscribe::category(Category::new("account")?, Start::Beginning);
/// # let _ = accounts;
/// # Ok::<(), eventsource_core::TextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subscribe {
    /// Which streams. A stream that does not exist yet is waited for.
    pub scope: Scope,
    /// Which of their events.
    pub filter: Filter,
    /// Where to begin.
    pub start: Start,
}

impl Subscribe {
    /// Every event of a scope.
    pub fn new(scope: Scope, start: Start) -> Self {
        Self {
            scope,
            filter: Filter::default(),
            start,
        }
    }

    /// Every event of the store.
    pub fn all(start: Start) -> Self {
        Self::new(Scope::All, start)
    }

    /// Every event of a category.
    pub fn category(category: Category, start: Start) -> Self {
        Self::new(Scope::Category(category), start)
    }

    /// Every event of several categories, in the order of their positions.
    pub fn categories(categories: impl IntoIterator<Item = Category>, start: Start) -> Self {
        Self::new(Scope::Categories(categories.into_iter().collect()), start)
    }

    /// Every event of a stream.
    pub fn stream(stream: StreamId, start: Start) -> Self {
        Self::new(Scope::Stream(stream), start)
    }

    /// Every event of the aggregate `A`: of its category, whatever their names; see [`Read::events_of`].
    ///
    /// # Errors
    ///
    /// [`TextError`] as [`Category::of`]: never for a derived aggregate.
    pub fn events_of<A: Aggregate>(start: Start) -> Result<Self, TextError> {
        let category = Category::of::<A>()?;
        Ok(Self::category(category, start))
    }

    filtered!();
}

/// What a subscription gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// The next wanted event. Its position is a checkpoint: everything wanted up to it has been delivered.
    Event(Recorded),
    /// Nothing more is wanted up to this position, which lies beyond the last delivered one. A checkpoint too, so that a
    /// filter which matches nothing still moves on.
    Checkpoint(Position),
    /// Everything that was stored has been delivered; what follows is live. Given once each time the end is reached
    /// after at least one event was waiting, and once at the start. Where a call of [`Subscription::next`] was dropped
    /// while it asked for the end, it is the end of that moment: what was stored since then follows.
    CaughtUp,
    /// It had caught up, and now more is waiting than goes for live: the head of the store is more than
    /// [`Subscription::LIVE_POSITIONS`] beyond what it has passed, wanted or not. Given once, before the first of what is
    /// waiting; [`CaughtUp`](Self::CaughtUp) comes again at the end. A subscription that has not caught up yet has not
    /// fallen behind.
    FellBehind,
}

impl Delivery {
    /// The checkpoint to resume after, once this has been dealt with.
    pub fn checkpoint(&self) -> Option<Position> {
        match self {
            Self::Event(event) => Some(event.position),
            Self::Checkpoint(position) => Some(*position),
            Self::CaughtUp | Self::FellBehind => None,
        }
    }
}

/// A subscription: catches up from its start, then follows the live end of the store, in the order of positions.
///
/// It never skips, repeats or reorders an event: there is no switch from one source to another, only reads that go on
/// where the last one ended. It pulls, so a slow reader holds nobody up and nothing is dropped: the subscription holds the
/// page at hand, and no other is asked for before that one is used up. A store may fetch one page ahead, and no more.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use eventsource_core::{Delivery, EventStoreExt, MemoryStore, Start, Subscribe};
///
/// let store = MemoryStore::new();
/// let mut subscription = store.subscribe(Subscribe::all(Start::Beginning)).await?;
/// assert_eq!(subscription.next().await?, Delivery::CaughtUp);
/// # Ok(()) }
/// ```
///
/// ## How it ends
///
/// Not by itself: where there is nothing to give, [`next`](Self::next) waits. It ends when it is dropped, or when whoever
/// calls gives up after an error. Every reason is a [`ReadError`], and [`is_transient`](ReadError::is_transient) says
/// whether calling again can help: the store cannot be had now, which passes; it was [closed](ReadError::Closed); it
/// is [damaged](ReadError::is_damage); it needs mending. An error takes nothing with it: calling again goes on behind what
/// was delivered last. So one who waits out what passes misses nothing, and one who goes on after anything else is told the
/// same again.
///
/// ```
/// # use eventsource_core::{Delivery, ReadError, Recorded, Subscription};
/// # async fn pause() {}
/// async fn follow(mut from: Subscription, mut each: impl FnMut(&Recorded)) -> ReadError {
///     loop {
///         match from.next().await {
///             Ok(Delivery::Event(event)) => each(&event),
///             Ok(_) => {}
///             Err(error) if error.is_transient() => pause().await,
///             Err(error) => return error,
///         }
///     }
/// }
/// ```
///
/// ## What it checks
///
/// Without a filter it sees every event of the streams that it follows, so their versions follow each other. Where one does
/// not, an event is missing, came twice or came late, whatever the store says of itself:
/// [`ReadError::OutOfSequence`]. A leap over what was [trimmed](crate::TrimStore) is no damage; the store is asked where
/// the stream begins now.
///
/// The first event that is seen of a stream is checked, too: where the subscription has not begun with
/// [`Start::Beginning`], the store is asked for the last one before it, once for each stream. So damage that was told is told
/// again by one that begins behind a checkpoint before it. That holds as long as no stream had to be forgotten: the last
/// versions of at least 16,384 streams are kept, those that were seen last, and of twice as many at the most. They are told
/// apart by hashes of 64 bits. After that a stream is checked from the second event on that is seen of it.
pub struct Subscription {
    store: Arc<dyn EventStore>,
    scope: Scope,
    filter: Filter,
    /// Everything wanted up to here has been delivered.
    passed: Option<Position>,
    /// A read in progress, and the position up to which it reads.
    reading: Option<(EventStream, Position)>,
    /// The next event, which has left its page and is not checked yet.
    at_hand: Option<Recorded>,
    /// Where every event is wanted.
    sequence: Option<Sequence>,
    asked: Asked,
    /// Whether the end was told since the last event.
    caught_up: bool,
    /// Whether the end was told since it last fell behind.
    live: bool,
}

impl Subscription {
    /// How far the head of the store may be beyond what a live subscription has passed, before it has
    /// [fallen behind](Delivery::FellBehind): as many positions as stores give in one page.
    pub const LIVE_POSITIONS: u64 = 256;

    /// Begins to follow a store.
    ///
    /// # Errors
    ///
    /// [`ReadError::Invalid`] for no category and for a filter by no name or by no cause; [`ReadError::Ahead`] for a
    /// checkpoint that the store has not reached; other errors when the store cannot be read.
    pub async fn begin(
        store: Arc<dyn EventStore>,
        subscribe: Subscribe,
    ) -> Result<Self, ReadError> {
        let Subscribe {
            scope,
            filter,
            start,
        } = subscribe;
        let mut probe = Read::new(scope.clone());
        probe.filter = filter.clone();
        probe.check()?;
        let passed = match start {
            Start::Beginning => None,
            Start::After(asked) => match store.head().await? {
                Some(head) if asked <= head => Some(asked),
                head => return Err(ReadError::Ahead { asked, head }),
            },
            Start::Now => store.head().await?,
        };
        let sequence = (filter.is_all()).then(|| Sequence::new(passed.is_none(), STREAMS));
        Ok(Self {
            store,
            scope,
            filter,
            passed,
            reading: None,
            at_hand: None,
            sequence,
            asked: Asked::default(),
            caught_up: false,
            live: false,
        })
    }

    /// The next event, checkpoint or change of state; waits where there is none.
    ///
    /// Cancel safe: dropping the future loses nothing. The next call goes on with what the store is asked already, so that
    /// calls which are dropped soon get on, too; that everything was delivered is told as the store has said it then. After
    /// 16 such calls the store is asked anew, and then after twice as many each time.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the store cannot be read, is closed or is damaged; see [how it ends](Self#how-it-ends). Calling
    /// again goes on where it stopped, so a transient error may be waited out.
    pub async fn next(&mut self) -> Result<Delivery, ReadError> {
        self.asked.bears_another_call();
        // All that must outlive a dropped future, or an error, is in `self` before each await.
        loop {
            if let Some(question) = self.asked.question() {
                match question {
                    Question::Order(answer) => {
                        let checked = answer.await;
                        self.asked.answered();
                        checked?;
                        if let Some(event) = self.at_hand.take() {
                            if let Some(sequence) = &mut self.sequence {
                                sequence.pass(&event);
                            }
                            return Ok(self.gives(event));
                        }
                    }
                    Question::Head(answer) => {
                        let head = answer.await;
                        self.asked.answered();
                        if let Some(change) = self.stands_before(head?) {
                            return Ok(change);
                        }
                    }
                    Question::Beyond(answer) => {
                        let beyond = answer.await;
                        self.asked.answered();
                        beyond?;
                        self.ask_for_head();
                    }
                }
                continue;
            }
            if let Some(event) = self.at_hand.take() {
                if let Some(sequence) = &mut self.sequence
                    && !sequence.goes_on_with(&event)
                {
                    if let Some(doubt) = sequence.doubt(&event) {
                        self.at_hand = Some(event);
                        let store = Arc::clone(&self.store);
                        let settled = async move { doubt.settle(&store).await };
                        self.asked.ask(Question::Order(Box::pin(settled)));
                        continue;
                    }
                    sequence.pass(&event);
                }
                return Ok(self.gives(event));
            }
            let Some((events, end)) = &mut self.reading else {
                self.ask_for_head();
                continue;
            };
            let end = *end;
            match events.next().await {
                Ok(Some(event)) => self.at_hand = Some(event),
                // A stream that does not exist yet has no event up to the end.
                Ok(None) | Err(ReadError::StreamNotFound { .. }) => {
                    self.reading = None;
                    if self.passed < Some(end) {
                        self.passed = Some(end);
                        return Ok(Delivery::Checkpoint(end));
                    }
                }
                // What is gone is passed: the next read begins with what is left.
                Err(ReadError::Trimmed { .. }) => self.reading = None,
                Err(error) => {
                    self.reading = None;
                    return Err(error);
                }
            }
        }
    }

    fn gives(&mut self, event: Recorded) -> Delivery {
        self.passed = Some(event.position);
        Delivery::Event(event)
    }

    fn ask_for_head(&mut self) {
        let store = Arc::clone(&self.store);
        self.asked
            .ask(Question::Head(Box::pin(async move { store.head().await })));
    }

    /// Where the end is, there it reads up to, or it waits for it to move on. What is to be told first.
    fn stands_before(&mut self, head: Option<Position>) -> Option<Delivery> {
        match head {
            Some(head) if self.live && self.distance(head) > Self::LIVE_POSITIONS => {
                (self.live, self.caught_up) = (false, false);
                return Some(Delivery::FellBehind);
            }
            Some(head) if self.passed < Some(head) => {
                self.caught_up = false;
                self.reading = Some((self.store.read(self.read_up_to(head)), head));
            }
            _ if !self.caught_up => {
                (self.live, self.caught_up) = (true, true);
                return Some(Delivery::CaughtUp);
            }
            _ => {
                let (store, passed) = (Arc::clone(&self.store), self.passed);
                let beyond = async move { store.wait_beyond(passed).await };
                self.asked.ask(Question::Beyond(Box::pin(beyond)));
            }
        }
        None
    }

    /// How many positions it is to the head.
    fn distance(&self, head: Position) -> u64 {
        let passed = self.passed.map_or(0, Position::number);
        head.number().saturating_sub(passed)
    }

    /// The checkpoint to resume after: everything wanted up to it has been delivered.
    pub fn checkpoint(&self) -> Option<Position> {
        self.passed
    }

    fn read_up_to(&self, head: Position) -> Read {
        let mut read = Read::new(self.scope.clone())
            .after(self.passed)
            .to_position(head);
        read.filter = self.filter.clone();
        debug_assert_eq!(read.direction, Direction::Forward);
        read
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("scope", &self.scope)
            .field("passed", &self.passed)
            .field("caught_up", &self.caught_up)
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}

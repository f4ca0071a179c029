//! Aggregates that an event creates.

use eventsource_core::{
    EventStoreExt, ExecuteError, FoldError, LoadError, MemoryStore, Repository, Version, prelude::*,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "ticket.sold")]
struct Sold {
    seat: u16,
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "ticket.moved")]
struct Moved {
    seat: u16,
}

/// Deliberately without `Default`: there is no ticket without a seat.
#[derive(Debug, PartialEq, Aggregate)]
#[aggregate(
    name = "ticket",
    id = String,
    error = std::convert::Infallible,
    created_by = Sold,
    events(Sold, Moved)
)]
struct Ticket {
    seat: u16,
}

impl Create<Sold> for Ticket {
    fn create(event: &Sold) -> Self {
        Self { seat: event.seat }
    }
}

impl Apply<Moved> for Ticket {
    fn apply(&mut self, event: &Moved) {
        self.seat = event.seat;
    }
}

struct Sell(u16);
struct Move(u16);
/// A decision with a mistake in it.
struct SellAgain;
struct MoveFirst;

impl HandleNew<Sell> for Ticket {
    fn handle(command: &Sell) -> Decision<Self> {
        Ok(Sold { seat: command.0 }.into())
    }
}

impl HandleNew<MoveFirst> for Ticket {
    fn handle(_: &MoveFirst) -> Decision<Self> {
        Ok((Moved { seat: 1 }, Sold { seat: 1 }).into())
    }
}

impl Handle<Move> for Ticket {
    fn handle(&self, command: &Move) -> Decision<Self> {
        Ok(Moved { seat: command.0 }.into())
    }
}

impl Handle<SellAgain> for Ticket {
    fn handle(&self, _: &SellAgain) -> Decision<Self> {
        Ok((Moved { seat: 9 }, Sold { seat: 9 }).into())
    }
}

fn tickets() -> (Repository<Ticket>, String) {
    (Repository::new(MemoryStore::new()), "row 1".to_owned())
}

#[tokio::test]
async fn before_it_is_created_there_is_no_state() {
    let (tickets, id) = tickets();
    let error = tickets.load(&id).await.expect_err("no ticket");
    assert!(matches!(error, LoadError::NotFound { .. }), "{error:?}");
    let error = tickets.execute(&id, Move(2)).await.expect_err("no ticket");
    assert!(error.is_not_found(), "{error:?}");
    let error = tickets
        .decide(&id, |_| async { Ok::<_, ()>(Events::none()) })
        .await
        .expect_err("no ticket");
    assert!(error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn it_is_created_once_and_lives_then() {
    let (tickets, id) = tickets();
    tickets.create(&id, Sell(1)).await.expect("sold");
    tickets.execute(&id, Move(2)).await.expect("moved");
    assert_eq!(tickets.load(&id).await.expect("a ticket").seat, 2);
    let error = tickets
        .create(&id, Sell(3))
        .await
        .expect_err("sold already");
    let ExecuteError::AlreadyExists { version, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(Some(*version), Version::new(2));
}

#[tokio::test]
async fn as_of_a_time_before_its_creation_there_is_no_state() {
    let (tickets, id) = tickets();
    tickets.create(&id, Sell(1)).await.expect("sold");
    let before = AsOf::Occurred(Timestamp::EPOCH);
    let error = tickets
        .load_as_of(&id, before)
        .await
        .expect_err("no ticket yet");
    assert!(matches!(error, LoadError::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn as_of_a_time_before_its_creation_there_is_no_state_whatever_is_said_to_have_happened_then()
{
    let (tickets, id) = tickets();
    tickets.create(&id, Sell(1)).await.expect("sold");
    let long_ago: Timestamp = "2020-06-01T00:00:00Z".parse().expect("a time");
    tickets
        .within(Context::new().occurred_at(long_ago))
        .execute(&id, Move(2))
        .await
        .expect("moved");
    let error = tickets
        .load_as_of(&id, AsOf::Occurred(long_ago))
        .await
        .expect_err("no ticket yet");
    assert!(matches!(error, LoadError::NotFound { .. }), "{error:?}");
    assert_eq!(tickets.load(&id).await.expect("a ticket").seat, 2);
}

#[tokio::test]
async fn an_awaited_decision_creates_it_once() {
    let (tickets, id) = tickets();
    let sell = || async { Ok::<_, &str>(Events::from(Sold { seat: 4 })) };
    tickets.decide_new(&id, sell).await.expect("sold");
    let error = tickets
        .decide_new(&id, sell)
        .await
        .expect_err("sold already");
    assert!(
        matches!(error, ExecuteError::AlreadyExists { .. }),
        "{error:?}"
    );
    assert_eq!(tickets.load(&id).await.expect("a ticket").seat, 4);
}

#[tokio::test]
async fn a_decision_that_would_make_the_stream_unreadable_is_refused_before_it_is_written() {
    let (tickets, id) = tickets();
    let error = tickets.create(&id, MoveFirst).await.expect_err("a mistake");
    let ExecuteError::Fold {
        source: FoldError::NotCreated {
            event, created_by, ..
        },
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!((*event, *created_by), ("ticket.moved", "ticket.sold"));

    tickets.create(&id, Sell(1)).await.expect("sold");
    let error = tickets
        .execute(&id, SellAgain)
        .await
        .expect_err("a mistake");
    assert!(
        matches!(
            &error,
            ExecuteError::Fold {
                source: FoldError::AlreadyCreated { .. },
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        tickets.store().read_all().await.expect("one event").len(),
        1
    );
}

#[tokio::test]
async fn a_unit_creates_and_goes_on_and_a_misfit_leaves_it_as_it_was() {
    let (tickets, id) = tickets();
    let mut unit = tickets.begin(&id).await.expect("a unit");
    assert!(unit.state().is_none());
    assert!(
        unit.execute(Move(2))
            .expect_err("no ticket yet")
            .is_not_found()
    );
    unit.create(Sell(1)).expect("sold");
    assert!(matches!(
        unit.create(Sell(1)).expect_err("sold already"),
        ExecuteError::AlreadyExists { .. }
    ));
    unit.execute(SellAgain).expect_err("a mistake");
    assert_eq!(unit.state(), Some(&Ticket { seat: 1 }));
    unit.execute(Move(5)).expect("moved");
    assert_eq!(unit.commit().await.expect("stored").events(), 2);
    assert_eq!(tickets.load(&id).await.expect("a ticket").seat, 5);
}

#[tokio::test]
async fn a_stored_stream_that_begins_otherwise_is_an_error_with_its_place() {
    use eventsource_core::{Append, EventId, EventName, NewEvent, StoredPayload};
    let (tickets, id) = tickets();
    let stream = StreamId::of::<Ticket>(&id).expect("a legal id");
    let moved = NewEvent::new(
        EventId::new(uuid::Uuid::from_u128(1)),
        EventName::new("ticket.moved").expect("a legal name"),
        1,
        StoredPayload::json(b"{\"seat\":1}"),
        Timestamp::EPOCH,
    );
    let append = Append::to(stream, Expected::NoStream, [moved]);
    tickets
        .store()
        .append(append)
        .await
        .expect("stores do not look inside");
    let error = tickets.load(&id).await.expect_err("no state");
    assert!(
        matches!(&error, LoadError::Fold { version, source: FoldError::NotCreated { .. }, .. }
            if version.get() == 1),
        "{error:?}"
    );
}

//! Each kind of handler is given events as they are today, whatever name and shape they were stored in.

use std::sync::Mutex;

use eventsource_core::{
    Category, EventId, EventName,
    prelude::*,
    projection::{Definition, Handles, HandlesAsync, HandlesIn, Reacts, Table, Wanted},
};

use crate::domain::{
    Account, Closed, Deposited, Opened, Order, Placed, Shipped, TAKEN, line, store,
};

/// In memory.
#[derive(Debug, Default, Projection)]
#[projection(
    name = "lines",
    version = 1,
    from(Account, Order),
    events(Opened, Deposited, Placed),
    ignores(Closed, Shipped)
)]
pub(crate) struct Lines(pub(crate) Vec<String>);

/// In a transaction.
#[derive(Projection)]
#[projection(
    name = "lines.in_a_transaction",
    version = 2,
    from(Account, Order),
    events(Opened, Deposited, Placed),
    ignores(..),
    transaction = Transaction
)]
struct LinesIn;

struct Transaction(Vec<String>);

impl ReadModel for LinesIn {
    const TABLES: &'static [Table] = &[Table::new("lines", "line TEXT")];
}

/// Elsewhere. An enum, since it can be one.
#[derive(Projection)]
#[projection(
    name = "lines-elsewhere",
    version = 3,
    from(Account, Order),
    events(Opened, Deposited, Placed),
    ignores(..),
    at_least_once
)]
enum LinesElsewhere {
    Into(Mutex<Vec<String>>),
}

/// A side effect.
#[derive(Default, Reaction)]
#[reaction(
    name = "lines.written",
    from(Account, Order),
    events(Opened, Deposited, Placed),
    ignores(Closed, Shipped)
)]
struct WriteLines(Mutex<Vec<(String, ReactionId)>>);

macro_rules! handlers {
    ($($event:ty),*) => {$(
        impl Project<$event> for Lines {
            fn project(&mut self, event: &$event, envelope: &Envelope<'_>) {
                self.0.push(line(envelope, event));
            }
        }

        impl ProjectIn<Transaction, $event> for LinesIn {
            fn project(
                &self,
                event: &$event,
                envelope: &Envelope<'_>,
                tx: &mut Transaction,
            ) -> Result<(), HandlerError> {
                tx.0.push(line(envelope, event));
                Ok(())
            }
        }

        impl ProjectAsync<$event> for LinesElsewhere {
            async fn project(
                &self,
                event: &$event,
                envelope: &Envelope<'_>,
            ) -> Result<(), HandlerError> {
                tokio::task::yield_now().await;
                let Self::Into(lines) = self;
                lines.lock().expect("no panic").push(line(envelope, event));
                Ok(())
            }
        }

        impl React<$event> for WriteLines {
            async fn react(
                &self,
                event: &$event,
                envelope: &Envelope<'_>,
                id: ReactionId,
            ) -> Result<(), HandlerError> {
                tokio::task::yield_now().await;
                self.0.lock().expect("no panic").push((line(envelope, event), id));
                Ok(())
            }
        }
    )*};
}

handlers!(Opened, Deposited, Placed);

/// What a runner does, in its simplest form.
macro_rules! deliver {
    ($definition:expr, |$part:ident, $envelope:ident| $handle:expr) => {
        for event in store().await.read_all().await.expect("all events") {
            let Wanted::Parts(parts) = $definition.decode(&event).expect("readable") else {
                continue;
            };
            for index in 0..parts.parts() {
                let $part = parts.part(index).expect("a part");
                let $envelope = Envelope::new(&event, index, parts.parts());
                $handle;
            }
        }
    };
}

#[tokio::test]
async fn a_projection_in_memory_is_given_old_renamed_and_split_events_as_todays() {
    let mut lines = Lines::default();
    let definition = Definition::of::<Lines>(&[]).expect("a legal name");
    deliver!(definition, |part, envelope| lines.handle(part, &envelope));
    assert_eq!(lines.0, TAKEN);
}

#[tokio::test]
async fn a_projection_in_a_transaction_is_given_old_renamed_and_split_events_as_todays() {
    let mut tx = Transaction(Vec::new());
    let definition = Definition::of::<LinesIn>(LinesIn::TABLES).expect("a legal name");
    deliver!(definition, |part, envelope| LinesIn
        .handle(part, &envelope, &mut tx)
        .expect("handled"));
    assert_eq!(tx.0, TAKEN);
}

#[tokio::test]
async fn a_projection_elsewhere_is_given_old_renamed_and_split_events_as_todays() {
    let elsewhere = LinesElsewhere::Into(Mutex::default());
    let definition = Definition::of::<LinesElsewhere>(&[]).expect("a legal name");
    deliver!(definition, |part, envelope| elsewhere
        .handle(part, &envelope)
        .await
        .expect("handled"));
    let LinesElsewhere::Into(lines) = elsewhere;
    assert_eq!(lines.into_inner().expect("no panic"), TAKEN);
}

#[tokio::test]
async fn a_reaction_is_given_old_renamed_and_split_events_as_todays() {
    let written = WriteLines::default();
    let definition = Definition::of_reaction::<WriteLines>().expect("a legal name");
    let mut expected = Vec::new();
    deliver!(definition, |part, envelope| {
        let id = ReactionId::of(WriteLines::NAME, &envelope);
        expected.push(id);
        written.handle(part, &envelope, id).await.expect("handled");
    });
    let (lines, ids): (Vec<_>, Vec<_>) = written
        .0
        .into_inner()
        .expect("no panic")
        .into_iter()
        .unzip();
    assert_eq!(lines, TAKEN);
    // Each part has an id of its own, also the one that nobody handles.
    assert!(ids.iter().all(|id| expected.contains(id)));
    expected.sort();
    expected.dedup();
    assert!(expected.len() > ids.len());
}

#[test]
fn a_projection_is_what_its_attribute_says() {
    let listed = ["account.opened", "account.deposited", "order.placed"];
    assert_eq!((Lines::NAME, Lines::VERSION), ("lines", 1));
    assert_eq!(
        (LinesIn::NAME, LinesIn::VERSION),
        ("lines.in_a_transaction", 2)
    );
    assert_eq!(
        (LinesElsewhere::NAME, LinesElsewhere::VERSION),
        ("lines-elsewhere", 3)
    );
    assert_eq!(WriteLines::NAME, "lines.written");
    let definitions = [
        Definition::of::<Lines>(&[]),
        Definition::of::<LinesIn>(LinesIn::TABLES),
        Definition::of::<LinesElsewhere>(&[]),
        Definition::of_reaction::<WriteLines>(),
    ];
    for definition in definitions {
        let definition = definition.expect("a legal name");
        let categories = definition.categories().expect("legal categories");
        assert!(
            categories
                .iter()
                .map(Category::as_str)
                .eq(["account", "order"])
        );
        let unwanted = definition.unwanted();
        let expected = ["account.closed", "order.shipped"];
        assert!(unwanted.iter().map(EventName::as_str).eq(expected));
    }
    for names in [
        Lines::listed(),
        LinesIn::listed(),
        LinesElsewhere::listed(),
        WriteLines::listed(),
    ] {
        assert_eq!(names, listed);
    }
}

/// Systems downstream keep it.
#[tokio::test]
async fn the_id_of_a_reaction_never_changes() {
    let events = store().await.read_all().await.expect("all events");
    let mut event = (*events[1]).clone();
    event.id = EventId::new(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef));
    let id = |name: &str, part| ReactionId::of(name, &Envelope::new(&event, part, 3)).to_string();
    assert_eq!(id("mailer", 0), "42387b57-b38f-87a4-9bc0-da45e6b73d73");
    assert_eq!(id("mailer", 2), "bb461e7e-838f-879a-993e-33445faf55b1");
    assert_eq!(id("mailer2", 0), "486a55e9-7774-8887-ae0a-5cad7df07523");
}

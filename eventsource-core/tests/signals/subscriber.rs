//! A subscriber that keeps what it is told.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_core::span::Current;

/// A span or an event.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) name: &'static str,
    pub(crate) level: String,
    pub(crate) is_span: bool,
    /// The span that it is in, by its place in the log.
    pub(crate) parent: Option<usize>,
    /// The span that it follows from.
    pub(crate) follows: Option<usize>,
    /// Of an event.
    pub(crate) message: String,
    /// All fields that it could have.
    pub(crate) possible: Vec<&'static str>,
    /// Those that it has.
    pub(crate) fields: BTreeMap<&'static str, String>,
}

#[derive(Debug, Default)]
struct Inner {
    told: Vec<Told>,
    metadata: Vec<&'static Metadata<'static>>,
    /// How many hold each span.
    held: Vec<usize>,
    /// The spans that are entered, innermost last.
    entered: Vec<usize>,
}

/// What was told on one thread, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Inner>>);

impl Log {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("not poisoned")
    }

    /// All of it. Every span was left as often as it was entered, and is closed.
    pub(crate) fn end(&self) -> Vec<Told> {
        let inner = self.inner();
        assert!(inner.entered.is_empty(), "spans are still entered");
        let open = inner.held.iter().filter(|held| **held > 0).count();
        assert_eq!(open, 0, "these many spans are still open");
        inner.told.clone()
    }
}

impl Inner {
    fn tell(&mut self, metadata: &'static Metadata<'static>, is_span: bool) -> &mut Told {
        assert_eq!(metadata.target(), "eventsource");
        let possible = metadata.fields().iter().map(|field| field.name());
        self.told.push(Told {
            name: metadata.name(),
            level: metadata.level().to_string(),
            is_span,
            parent: self.entered.last().copied(),
            follows: None,
            message: String::new(),
            possible: possible.collect(),
            fields: BTreeMap::new(),
        });
        self.metadata.push(metadata);
        self.held.push(usize::from(is_span));
        self.told.last_mut().expect("just told")
    }
}

fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64()).expect("a place") - 1
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "eventsource"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut inner = self.inner();
        let told = inner.tell(span.metadata(), true);
        if span.is_root() {
            told.parent = None;
        }
        assert!(
            span.parent().is_none(),
            "no span names another as its parent"
        );
        span.record(&mut Fields(&mut told.fields));
        Id::from_u64(inner.told.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut self.inner().told[place(span)].fields));
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.inner().told[place(span)].follows = Some(place(follows));
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut inner = self.inner();
        let told = inner.tell(event.metadata(), false);
        event.record(&mut Fields(&mut told.fields));
        let message = told.fields.remove("message");
        told.message = message.expect("every event has a message");
        told.possible.retain(|name| *name != "message");
    }

    fn enter(&self, span: &Id) {
        self.inner().entered.push(place(span));
    }

    fn exit(&self, span: &Id) {
        let left = self.inner().entered.pop();
        assert_eq!(
            left,
            Some(place(span)),
            "left in another order than entered"
        );
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.inner().held[place(span)] += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        let held = &mut self.inner().held[place(&span)];
        *held -= 1;
        *held == 0
    }

    fn current_span(&self) -> Current {
        let inner = self.inner();
        match inner.entered.last() {
            Some(place) => Current::new(Id::from_u64(*place as u64 + 1), inner.metadata[*place]),
            None => Current::none(),
        }
    }
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let earlier = self.0.insert(field.name(), format!("{value:?}"));
        assert_eq!(earlier, None, "{field} is recorded twice");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

//! Event sourcing with events that the compiler checks.

mod aggregate;
mod aggregate_id;
mod codec;
mod command;
mod event;
mod events;
pub mod prelude;
mod stream;
mod text;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
use __private as private;

pub use aggregate::{Aggregate, AggregateEvent, Apply, Create, FoldError};
pub use aggregate_id::{AggregateId, AggregateIdError};
pub use codec::{DecodeError, EncodeError};
pub use command::{Decision, Handle, HandleNew};
pub use event::{Event, EventSchema, Payload};
pub use events::{Draft, Events, Lists};
#[cfg(feature = "derive")]
pub use eventsource_derive::{Aggregate, AggregateId, Event};
pub use stream::{Position, StreamId, StreamIdError, Version};
pub use text::{Actor, AppendKey, Category, EventName, Tag, TextError};

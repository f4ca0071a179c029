//! What the code of a domain needs: `use eventsource_core::prelude::*;`.

pub use crate::{
    Aggregate, AggregateId, Apply, Create, Decision, Event, Events, Handle, HandleNew,
};

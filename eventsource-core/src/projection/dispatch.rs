//! What the generated dispatch of projections and reactions calls.

use std::future::ready;

use super::{Envelope, Handling, ProjectAsync, React, ReactionId};

/// Asks for an async handler and calls it. A function of ours, since what a handler that is missing would return is
/// nothing that could be named without another error.
pub fn projected<'a, P: ProjectAsync<E>, E>(
    projection: &'a P,
    event: &'a E,
    envelope: &'a Envelope<'a>,
) -> Handling<'a> {
    Box::pin(projection.project(event, envelope))
}

/// Asks for the handler of a reaction and calls it.
pub fn reacted<'a, R: React<E>, E>(
    reaction: &'a R,
    event: &'a E,
    envelope: &'a Envelope<'a>,
    id: ReactionId,
) -> Handling<'a> {
    Box::pin(reaction.react(event, envelope, id))
}

/// Nothing is to be done for an event that came out of a retired one and is not listed.
pub fn nothing<'a>() -> Handling<'a> {
    Box::pin(ready(Ok(())))
}

//! What the generated dispatch of projections and reactions calls, and how the derive asks for handlers that are never
//! called.

use std::future::ready;

use super::{Envelope, Handling, Project, ProjectAsync, ProjectIn, React, ReactionId};
use crate::private::Probe;

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

impl<P: Project<E>, E> Probe<(P, E)> {
    /// There is a handler.
    pub const __ES_PROJECTS: bool = true;
}

impl<P: ProjectIn<T, E>, T, E> Probe<(P, T, E)> {
    /// There is a handler.
    pub const __ES_PROJECTS_IN: bool = true;
}

impl<P: ProjectAsync<E>, E> Probe<(P, E)> {
    /// There is a handler.
    pub const __ES_PROJECTS_ASYNC: bool = true;
}

impl<R: React<E>, E> Probe<(R, E)> {
    /// There is a handler.
    pub const __ES_REACTS: bool = true;
}

//! What a subscription has asked its store.

use std::{future::Future, pin::Pin};

use crate::{store::ReadError, stream::Position};

/// What a store is asked, and has not answered yet. It outlives the call that has asked it: whoever drops each call soon
/// would else never get an answer of a store that takes its time.
#[derive(Default)]
pub(super) struct Asked {
    question: Option<Question>,
    /// How many calls have found it without an answer.
    calls: u32,
    /// How often an answer was given up in a row.
    lost: u32,
}

pub(super) enum Question {
    Head(Answer<Option<Position>>),
    Beyond(Answer<Position>),
    /// Whether the event at hand may come next.
    Order(Answer<()>),
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, ReadError>> + Send>>;

/// How many calls wait for the same answer, before the question is asked anew, since the answer may be lost. Twice as many
/// wait for the next one, so that a store gets the time that it takes.
const PATIENCE: u32 = 16;

impl Asked {
    pub(super) fn ask(&mut self, question: Question) {
        (self.question, self.calls) = (Some(question), 0);
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.question.is_some()
    }

    pub(super) const fn question(&mut self) -> Option<&mut Question> {
        self.question.as_mut()
    }

    /// The question is done with, whatever the answer was.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// Another call begins, and may find a question without an answer.
    pub(super) fn bears_another_call(&mut self) {
        if self.question.is_none() {
            return;
        }
        self.calls = self.calls.saturating_add(1);
        if self.calls > PATIENCE.saturating_mul(2_u32.saturating_pow(self.lost)) {
            self.question = None;
            self.lost = self.lost.saturating_add(1);
        }
    }
}

//! Why an event did not get into a read model.

use std::{error::Error, fmt};

use crate::codec::DecodeError;

/// What a handler could not do. Every error converts into it by `?`, and is then worth another try; one that will not
/// pass by itself is made by [`HandlerError::permanent`].
///
/// Its text is shown in the status, in signals and beside parked events, so it should not say what an event holds.
#[derive(Debug)]
pub struct HandlerError {
    source: Box<dyn Error + Send + Sync>,
    is_permanent: bool,
}

impl HandlerError {
    /// An error that may have passed at another try.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
            is_permanent: false,
        }
    }

    /// An error that another try would meet again: it is not tried again.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
            is_permanent: true,
        }
    }

    /// Whether another try would meet it again.
    pub const fn is_permanent(&self) -> bool {
        self.is_permanent
    }

    /// What went wrong.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }
}

/// It is no error type itself, so that this conversion can be.
impl<E: Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}

/// Why an event could not be delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The stored event cannot be read: unknown to this build, or damaged.
    #[error("the event cannot be read")]
    Decode(#[from] DecodeError),
    /// Code that reads the stored event panicked: an upcast, or a deserializer that was written by hand. No handler has
    /// seen the event.
    #[error("code that reads the event panicked")]
    DecodePanicked,
    /// The handler failed.
    #[error("the handler failed: {0}")]
    Handler(HandlerError),
    /// The handler panicked.
    #[error("the handler panicked")]
    Panicked,
}

impl From<HandlerError> for DeliveryError {
    fn from(error: HandlerError) -> Self {
        Self::Handler(error)
    }
}

impl DeliveryError {
    /// Whether another try would meet it again.
    pub const fn is_permanent(&self) -> bool {
        match self {
            Self::Decode(_) | Self::DecodePanicked => true,
            Self::Handler(error) => error.is_permanent(),
            Self::Panicked => false,
        }
    }
}

/// An event of a batch could not be delivered.
#[derive(Debug, thiserror::Error)]
#[error("event {index} of the batch was not delivered")]
#[non_exhaustive]
pub struct DeliveryFailure {
    /// Which event of the batch, from 0.
    pub index: usize,
    /// How many events of the batch, from its first, need not be delivered again. None where a transaction was undone.
    pub done: usize,
    /// Why.
    #[source]
    pub error: DeliveryError,
}

impl DeliveryFailure {
    /// Nothing of the batch is left.
    pub fn undone(index: usize, error: impl Into<DeliveryError>) -> Self {
        Self {
            index,
            done: 0,
            error: error.into(),
        }
    }

    /// What came before it in the batch is done.
    pub fn after(index: usize, error: impl Into<DeliveryError>) -> Self {
        Self {
            index,
            done: index,
            error: error.into(),
        }
    }
}

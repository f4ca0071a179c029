// The domain of the page about testing: a parcel in a locker, which whoever has the code collects.
use eventsource_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "parcel.stored", version = 2, sample = Self { locker: 4, code: "77".to_owned() })]
pub(crate) struct Stored {
    #[event(was(cell, before = 2))]
    pub(crate) locker: u32,
    pub(crate) code: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "parcel.collected", sample = Self)]
pub(crate) struct Collected;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "parcel.code_refused", sample = Self { attempt: 1 })]
pub(crate) struct CodeRefused {
    pub(crate) attempt: u32,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum ParcelError {
    #[error("there is no parcel")]
    Empty,
    #[error("locker {locker} has one already")]
    Taken { locker: u32 },
}

#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Aggregate)]
#[aggregate(name = "parcel", id = u64, error = ParcelError, events(Stored, Collected, CodeRefused))]
pub(crate) struct Parcel {
    /// Its locker and its code.
    pub(crate) inside: Option<(u32, String)>,
    pub(crate) refused: u32,
}

impl Apply<Stored> for Parcel {
    fn apply(&mut self, event: &Stored) {
        self.inside = Some((event.locker, event.code.clone()));
    }
}

impl Apply<Collected> for Parcel {
    fn apply(&mut self, _: &Collected) {
        *self = Self::default();
    }
}

impl Apply<CodeRefused> for Parcel {
    fn apply(&mut self, event: &CodeRefused) {
        self.refused = event.attempt;
    }
}

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) locker: u32,
    pub(crate) code: &'static str,
}

impl Handle<Store> for Parcel {
    fn handle(&self, command: &Store) -> Decision<Self> {
        if let Some((locker, _)) = self.inside {
            return Err(ParcelError::Taken { locker });
        }
        let (locker, code) = (command.locker, command.code.to_owned());
        Ok(Stored { locker, code }.into())
    }
}

#[derive(Debug)]
pub(crate) struct Collect {
    pub(crate) code: &'static str,
}

impl Handle<Collect> for Parcel {
    fn handle(&self, command: &Collect) -> Decision<Self> {
        match &self.inside {
            None => Err(ParcelError::Empty),
            Some((_, code)) if code == command.code => Ok(Collected.into()),
            Some(_) => {
                let attempt = self.refused + 1;
                Ok(CodeRefused { attempt }.into())
            }
        }
    }
}

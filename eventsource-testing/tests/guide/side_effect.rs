//! A scenario of a side effect with a mistake.

use std::sync::{Arc, Mutex};

use eventsource_core::prelude::*;
use eventsource_testing::prelude::*;

use crate::parcels::{Parcel, Stored};

fn stored() -> Stored {
    let code = "77".to_owned();
    Stored { locker: 4, code }
}

/// A service that sends whatever it is told.
#[derive(Clone, Default)]
struct Messages(Arc<Mutex<Vec<String>>>);

#[derive(Reaction)]
#[reaction(name = "tell-code", from(Parcel), events(Stored), ignores(..))]
struct TellCode(Messages);

impl React<Stored> for TellCode {
    async fn react(
        &self,
        event: &Stored,
        _: &Envelope<'_>,
        _: ReactionId,
    ) -> Result<(), HandlerError> {
        self.0.0.lock().expect("no panic").push(event.code.clone());
        Ok(())
    }
}

pub(crate) fn without_an_id() {
    ReactionScenario::<TellCode>::with_fake(Messages::default, |messages| {
        TellCode(messages.clone())
    })
    .given::<Parcel>(1, stored())
    .when::<Parcel>(2, stored())
    .then_reads(
        |messages| messages.0.lock().expect("no panic").clone(),
        vec!["77".to_owned()],
    );
}

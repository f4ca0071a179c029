//! Two scenarios with a mistake. The page shows the line of the second one, so nothing above it moves without the page.

use eventsource_testing::prelude::*;

use crate::parcels::*;

fn stored() -> Stored {
    let code = "77".to_owned();
    Stored { locker: 4, code }
}

pub(crate) fn wrong_expectation() {
    Scenario::<Parcel>::new()
        .given((stored(), CodeRefused { attempt: 1 }))
        .when(Collect { code: "78" })
        .then(CodeRefused { attempt: 1 });
}

pub(crate) fn forgotten_then() {
    let _decided = Scenario::<Parcel>::new()
        .given(stored())
        .when(Collect { code: "77" });
}

//! What the three derives do at run time.
#![cfg(feature = "derive")]

use eventsource_core::{
    AggregateEvent, AggregateIdError, DecodeError, EventSchema, FoldError, Parts, prelude::*,
};
use serde::{Deserialize, Serialize};

/// Events in a module of their own, which know nothing of the aggregates that list them.
mod events {
    use super::{Deserialize, Event, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "account.opened")]
    pub(crate) struct Opened {
        pub(crate) owner: String,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "account.deposited", version = 1)]
    pub(crate) struct Deposited(pub(crate) i64);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[event(name = "account.closed")]
    pub(crate) struct Closed;
}
use events::{Closed, Opened};

#[derive(Debug, Clone, PartialEq, Eq, AggregateId)]
struct AccountId(u64);

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("refused")]
struct Refused;

#[derive(Debug, Clone, Default, PartialEq, Aggregate)]
#[aggregate(
    name = "account",
    id = AccountId,
    error = Refused,
    events(Opened, events::Deposited, Closed),
    event_derives(Clone, PartialEq)
)]
struct Account {
    open: bool,
    cents: i64,
}

impl Apply<Opened> for Account {
    fn apply(&mut self, _: &Opened) {
        self.open = true;
    }
}
impl Apply<events::Deposited> for Account {
    fn apply(&mut self, event: &events::Deposited) {
        self.cents += event.0;
    }
}
impl Apply<Closed> for Account {
    fn apply(&mut self, _: &Closed) {
        self.open = false;
    }
}

fn opened() -> Opened {
    Opened {
        owner: "ann".to_owned(),
    }
}

// D2
#[test]
fn the_stored_name_is_one_literal_beside_the_type() {
    assert_eq!(
        AccountEvent::SCHEMAS,
        [
            EventSchema {
                name: "account.opened",
                version: 1
            },
            EventSchema {
                name: "account.deposited",
                version: 1
            },
            EventSchema {
                name: "account.closed",
                version: 1
            },
        ]
    );
    assert_eq!(AccountEvent::from(Closed).schema(), Closed::SCHEMA);
    assert_eq!(AccountEvent::SCHEMAS[0], Opened::SCHEMA);
    assert_eq!(Account::CATEGORY, "account");
}

#[test]
fn what_is_written_is_read_back() {
    for (event, json) in [
        (AccountEvent::from(opened()), r#"{"owner":"ann"}"#),
        (events::Deposited(500).into(), "500"),
        (Closed.into(), "null"),
    ] {
        let mut out = Vec::new();
        event.encode(&mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), json);
        let EventSchema { name, version } = event.schema();
        let read = AccountEvent::decode(name, version, &out).unwrap();
        assert_eq!(read, Parts::one(event));
    }
}

#[test]
fn each_way_in_which_a_stored_event_cannot_be_read_is_an_error_of_its_own() {
    let decode = |name, version, json: &str| AccountEvent::decode(name, version, json.as_bytes());
    assert!(matches!(
        decode("account.viewed", 1, "null"),
        Err(DecodeError::UnknownName { aggregate: "account", event, version: 1 }) if event == "account.viewed"
    ));
    assert!(matches!(
        decode("account.closed", 2, "null"),
        Err(DecodeError::Newer {
            event: "account.closed",
            stored: 2,
            known: 1
        })
    ));
    assert!(matches!(
        decode("account.closed", 0, "null"),
        Err(DecodeError::VersionZero {
            event: "account.closed"
        })
    ));
    assert!(matches!(
        decode("account.opened", 1, r#"{"owner":7}"#),
        Err(DecodeError::Payload {
            event: "account.opened",
            version: 1,
            ..
        })
    ));
}

#[test]
fn a_state_begins_as_its_default_and_changes_by_apply() {
    let mut state = Account::initial();
    assert_eq!(state, Some(Account::default()));
    for event in Events::<Account>::from((opened(), events::Deposited(5), events::Deposited(7))) {
        Account::fold(&mut state, &event).unwrap();
    }
    assert_eq!(
        state,
        Some(Account {
            open: true,
            cents: 12
        })
    );
}

#[test]
fn one_tuple_array_vec_option_and_none_are_events() {
    fn len(events: impl Into<Events<Account>>) -> usize {
        events.into().len()
    }
    let lens = [
        len(Closed),
        len(AccountEvent::from(Closed)),
        len((opened(), Closed)),
        len([Closed, Closed, Closed]),
        len(vec![Closed; 4]),
        len(Some(Closed)),
        len(None::<Closed>),
        len(Events::none()),
    ];
    assert_eq!(lens, [1, 1, 2, 3, 4, 1, 0, 0]);
}

#[test]
fn the_enum_shows_its_events() {
    assert_eq!(
        format!("{:?}", AccountEvent::from(events::Deposited(5))),
        "Deposited(5)"
    );
}

#[test]
fn the_text_of_an_id_is_that_of_its_inner_value() {
    assert_eq!(AccountId(7).to_text(), "7");
    assert_eq!(AccountId::from_text("7"), Ok(AccountId(7)));
    assert!(matches!(
        AccountId::from_text("07"),
        Err(AggregateIdError::Text { .. })
    ));
}

/// A second aggregate that lists an event of the first, and one that shares its last segment.
mod audit {
    use super::*;

    pub(super) mod legacy {
        use super::{Deserialize, Event, Serialize};

        #[derive(Debug, Serialize, Deserialize, Event)]
        #[event(name = "account.closed-legacy")]
        pub(crate) struct Closed;
    }

    #[derive(Debug, Default, Aggregate)]
    #[aggregate(
        name = "audit",
        id = String,
        error = std::convert::Infallible,
        event_enum = Audited,
        events(Closed, legacy::Closed as LegacyClosed)
    )]
    pub(super) struct Audit {
        pub(super) closed: u32,
    }

    impl Apply<Closed> for Audit {
        fn apply(&mut self, _: &Closed) {
            self.closed += 1;
        }
    }
    impl Apply<legacy::Closed> for Audit {
        fn apply(&mut self, _: &legacy::Closed) {
            self.closed += 1;
        }
    }
}

#[test]
fn two_aggregates_list_one_event() {
    let both: Events<audit::Audit> = (Closed, audit::legacy::Closed).into();
    let mut state = audit::Audit::initial();
    for event in &both.into_vec() {
        audit::Audit::fold(&mut state, event).unwrap();
    }
    assert_eq!(state.unwrap().closed, 2);
    assert!(matches!(
        audit::Audited::decode("account.closed-legacy", 1, b"null").map(Parts::into_one),
        Ok(Ok(audit::Audited::LegacyClosed(_)))
    ));
}

/// A state that an event creates.
mod door {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "door.built")]
    pub(super) struct Built {
        pub(super) width: u32,
    }

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "door.shut")]
    pub(super) struct Shut;

    #[derive(Debug, PartialEq, Aggregate)]
    #[aggregate(
        name = "door",
        id = u64,
        error = std::convert::Infallible,
        created_by = Built,
        events(Built, Shut)
    )]
    pub(super) enum Door {
        Open { width: u32 },
        Shut { width: u32 },
    }

    impl Create<Built> for Door {
        fn create(event: &Built) -> Self {
            Self::Open { width: event.width }
        }
    }
    impl Apply<Shut> for Door {
        fn apply(&mut self, _: &Shut) {
            let (Self::Open { width } | Self::Shut { width }) = *self;
            *self = Self::Shut { width };
        }
    }
}

#[test]
fn an_event_creates_a_state_that_has_no_default() {
    use door::{Built, Door, Shut};

    let fold = |state: &mut Option<Door>, event: door::DoorEvent| Door::fold(state, &event);
    let mut state = Door::initial();
    assert_eq!(state, None);
    assert_eq!(
        fold(&mut state, Shut.into()),
        Err(FoldError::NotCreated {
            aggregate: "door",
            event: "door.shut",
            created_by: "door.built"
        })
    );
    assert_eq!(state, None);
    fold(&mut state, Built { width: 80 }.into()).unwrap();
    assert_eq!(
        fold(&mut state, Built { width: 90 }.into()),
        Err(FoldError::AlreadyCreated {
            aggregate: "door",
            event: "door.built"
        })
    );
    fold(&mut state, Shut.into()).unwrap();
    assert_eq!(state, Some(Door::Shut { width: 80 }));
}

/// Nothing but serde is asked of an event, and nothing at all of a state.
mod bare {
    use super::*;

    #[derive(Serialize, Deserialize, Event)]
    #[event(name = "bare.touched")]
    pub(super) struct Touched {
        pub(super) secret: String,
    }

    #[derive(Default, Aggregate)]
    #[aggregate(name = "bare", id = u64, error = std::convert::Infallible, events(Touched))]
    pub(super) struct Bare;

    impl Apply<Touched> for Bare {
        fn apply(&mut self, _: &Touched) {}
    }
}

mod kept {
    use super::{bare::Touched, *};

    #[derive(Default, Serialize, Deserialize, Aggregate, Snapshot)]
    #[aggregate(name = "kept", id = u64, error = std::convert::Infallible, events(Touched))]
    pub(super) struct Kept {
        pub(super) times: u32,
    }

    impl Apply<Touched> for Kept {
        fn apply(&mut self, _: &Touched) {
            self.times += 1;
        }
    }
}

#[test]
fn abilities_are_found_where_they_are_and_not_asked_for_where_not() {
    use bare::{Bare, Touched};

    let able = Account::abilities();
    let (copy, equal) = (able.clone_state.unwrap(), able.eq_state.unwrap());
    assert!(equal(&copy(&Account::default()), &Account::default()));
    assert!(able.debug_state.is_some());
    assert_eq!((able.eq_event)(&Closed.into(), &Closed.into()), Some(true));
    assert_eq!(
        (able.eq_event)(&opened().into(), &Closed.into()),
        Some(false)
    );

    assert!(able.eq_error.is_some());
    assert!(able.snapshot.is_none(), "it could be kept, and is not");

    let kept = kept::Kept::abilities().snapshot.unwrap();
    assert_eq!(kept.fingerprint, kept::Kept::FINGERPRINT);
    let mut bytes = Vec::new();
    (kept.encode)(&kept::Kept { times: 7 }, &mut bytes).unwrap();
    assert_eq!((kept.decode)(&bytes).unwrap().times, 7);

    let bare = Bare::abilities();
    assert!(bare.clone_state.is_none() && bare.eq_state.is_none() && bare.debug_state.is_none());
    assert!(bare.json_state.is_none() && bare.snapshot.is_none());
    let touched = || {
        bare::BareEvent::from(Touched {
            secret: "s".to_owned(),
        })
    };
    assert_eq!((bare.eq_event)(&touched(), &touched()), None);
    assert_eq!(format!("{:?}", touched()), "bare.touched");
}

/// The events of `Door`.
#[derive(Clone, PartialEq)]
pub(crate) enum DoorFact {
    /// The event `Built`.
    Built(Built),
    /// The event `legacy::Built`.
    OldBuilt(legacy::Built),
}
const _: () = {
    use ::my_app::es as _es;
    use _es::__private::Lacks as _;
    const __EVENT_0: _es::__private::EventOf<Built> = _es::__private::event_of::<Built>()
        .event;
    const __EVENT_1: _es::__private::EventOf<legacy::Built> = _es::__private::event_of::<
        legacy::Built,
    >()
        .event;
    const __TABLE: &[_es::KnownEvent] = &[__EVENT_0.listed(), __EVENT_1.listed()];
    const __WRITTEN: &[&_es::__private::str] = &["Built", "legacy::Built"];
    const _: () = _es::__private::differs_from_earlier(__TABLE, __WRITTEN, 1usize);
    #[automatically_derived]
    impl _es::__private::Debug for DoorFact {
        fn fmt(
            &self,
            __f: &mut _es::__private::Formatter<'_>,
        ) -> _es::__private::FmtResult {
            match self {
                DoorFact::Built(__event) => {
                    __EVENT_0
                        .debug(_es::__private::Probe::<Built>::__ES_DEBUG, __event, __f)
                }
                DoorFact::OldBuilt(__event) => {
                    __EVENT_1
                        .debug(
                            _es::__private::Probe::<legacy::Built>::__ES_DEBUG,
                            __event,
                            __f,
                        )
                }
            }
        }
    }
    #[automatically_derived]
    impl _es::AggregateEvent for DoorFact {
        const SCHEMAS: &'static [_es::EventSchema] = &[
            __EVENT_0.schema,
            __EVENT_1.schema,
        ];
        const TABLE: &'static [_es::KnownEvent] = __TABLE;
        const ABOUT: &'static [_es::__private::About] = &[
            _es::__private::event_of::<Built>().about,
            _es::__private::event_of::<legacy::Built>().about,
        ];
        fn inner(
            &self,
        ) -> &(dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync) {
            match self {
                DoorFact::Built(__event) => __event,
                DoorFact::OldBuilt(__event) => __event,
            }
        }
        fn schema(&self) -> _es::EventSchema {
            match self {
                DoorFact::Built(_) => __EVENT_0.schema,
                DoorFact::OldBuilt(_) => __EVENT_1.schema,
            }
        }
        fn encode(
            &self,
            __out: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::EncodeError> {
            match self {
                DoorFact::Built(__event) => (__EVENT_0.encode)(__event, __out),
                DoorFact::OldBuilt(__event) => (__EVENT_1.encode)(__event, __out),
            }
        }
        fn decode(
            __name: &_es::__private::str,
            __version: _es::__private::u32,
            __payload: &[_es::__private::u8],
        ) -> _es::__private::Result<_es::Parts<Self>, _es::DecodeError> {
            match __name {
                __name if __EVENT_0.is_named(__name) => {
                    let __event = __EVENT_0.read(__name, __version, __payload)?;
                    _es::__private::Ok(_es::Parts::one(DoorFact::Built(__event)))
                }
                __name if __EVENT_1.is_named(__name) => {
                    let __event = __EVENT_1.read(__name, __version, __payload)?;
                    _es::__private::Ok(_es::Parts::one(DoorFact::OldBuilt(__event)))
                }
                _ => {
                    _es::__private::Err(
                        _es::__private::unknown_name("door", __name, __version),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl _es::Lists<Built> for Door {
        fn wrap(__event: Built) -> DoorFact {
            DoorFact::Built(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<Built> for DoorFact {
        fn from(__event: Built) -> Self {
            DoorFact::Built(__event)
        }
    }
    #[automatically_derived]
    impl _es::Lists<legacy::Built> for Door {
        fn wrap(__event: legacy::Built) -> DoorFact {
            DoorFact::OldBuilt(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<legacy::Built> for DoorFact {
        fn from(__event: legacy::Built) -> Self {
            DoorFact::OldBuilt(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<DoorFact> for _es::Events<Door> {
        fn from(__event: DoorFact) -> Self {
            _es::__private::wrapped(__event)
        }
    }
    #[automatically_derived]
    impl _es::Aggregate for Door {
        const CATEGORY: &'static _es::__private::str = "door";
        type Id = DoorId;
        type Error = DoorError;
        type Event = DoorFact;
        fn initial() -> _es::__private::Option<Self> {
            _es::__private::None
        }
        fn created_by() -> _es::__private::Option<_es::EventSchema> {
            _es::__private::Some(__EVENT_0.schema)
        }
        fn fold(
            __state: &mut _es::__private::Option<Self>,
            __event: &DoorFact,
        ) -> _es::__private::Result<(), _es::FoldError> {
            match __event {
                DoorFact::Built(__event) => {
                    _es::__private::create(
                        __state,
                        __EVENT_0.schema,
                        <Door as _es::Create<Built>>::create,
                        __event,
                    )
                }
                DoorFact::OldBuilt(__event) => {
                    <Door as _es::Apply<
                        legacy::Built,
                    >>::apply(
                        _es::__private::created(
                            __state,
                            __EVENT_1.schema,
                            __EVENT_0.schema,
                        )?,
                        __event,
                    );
                    _es::__private::Ok(())
                }
            }
        }
        fn replay(
            __state: &mut _es::__private::Option<Self>,
            __name: &_es::__private::str,
            __version: _es::__private::u32,
            __payload: &[_es::__private::u8],
        ) -> _es::__private::Replayed {
            match __name {
                __name if __EVENT_0.is_named(__name) => {
                    __EVENT_0
                        .replay(
                            __name,
                            __version,
                            __payload,
                            |__event| {
                                _es::__private::create(
                                    __state,
                                    __EVENT_0.schema,
                                    <Door as _es::Create<Built>>::create,
                                    __event,
                                )
                            },
                        )
                }
                __name if __EVENT_1.is_named(__name) => {
                    __EVENT_1
                        .replay(
                            __name,
                            __version,
                            __payload,
                            |__event| {
                                <Door as _es::Apply<
                                    legacy::Built,
                                >>::apply(
                                    _es::__private::created(
                                        __state,
                                        __EVENT_1.schema,
                                        __EVENT_0.schema,
                                    )?,
                                    __event,
                                );
                                _es::__private::Ok(())
                            },
                        )
                }
                _ => _es::__private::replay_parts(__state, __name, __version, __payload),
            }
        }
        #[inline]
        fn abilities() -> _es::__private::Abilities<Self> {
            _es::__private::Abilities {
                clone_state: _es::__private::Probe::<Door>::__ES_CLONE,
                eq_state: _es::__private::Probe::<Door>::__ES_EQ,
                debug_state: _es::__private::Probe::<Door>::__ES_DEBUG,
                json_state: _es::__private::Probe::<Door>::__ES_JSON,
                snapshot: _es::__private::Probe::<Door>::__ES_SNAPSHOT,
                eq_event: |__one, __other| match (__one, __other) {
                    (DoorFact::Built(__one), DoorFact::Built(__other)) => {
                        _es::__private::Probe::<Built>::__ES_EQ
                            .map(|__eq| __eq(__one, __other))
                    }
                    (DoorFact::OldBuilt(__one), DoorFact::OldBuilt(__other)) => {
                        _es::__private::Probe::<legacy::Built>::__ES_EQ
                            .map(|__eq| __eq(__one, __other))
                    }
                    _ => _es::__private::Some(false),
                },
                eq_error: _es::__private::Probe::<DoorError>::__ES_EQ,
            }
        }
    }
};

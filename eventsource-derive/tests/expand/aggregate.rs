/// The events of `Account`.
pub enum AccountEvent {
    /// The event `Opened`.
    Opened(Opened),
    /// The event `money::Deposited`.
    Deposited(money::Deposited),
}
const _: () = {
    use ::eventsource_core as _es;
    use _es::__private::Lacks as _;
    const __EVENT_0: _es::__private::EventOf<Opened> = _es::__private::event_of::<
        Opened,
    >()
        .event;
    const __EVENT_1: _es::__private::EventOf<money::Deposited> = _es::__private::event_of::<
        money::Deposited,
    >()
        .event;
    const __BEGIN: fn() -> Account = _es::__private::begin::<Account>();
    const __TABLE: &[_es::KnownEvent] = &[__EVENT_0.listed(), __EVENT_1.listed()];
    const __WRITTEN: &[&_es::__private::str] = &["Opened", "money::Deposited"];
    const _: () = _es::__private::differs_from_earlier(__TABLE, __WRITTEN, 1usize);
    #[automatically_derived]
    impl _es::__private::Debug for AccountEvent {
        fn fmt(
            &self,
            __f: &mut _es::__private::Formatter<'_>,
        ) -> _es::__private::FmtResult {
            match self {
                AccountEvent::Opened(__event) => {
                    __EVENT_0
                        .debug(_es::__private::Probe::<Opened>::__ES_DEBUG, __event, __f)
                }
                AccountEvent::Deposited(__event) => {
                    __EVENT_1
                        .debug(
                            _es::__private::Probe::<money::Deposited>::__ES_DEBUG,
                            __event,
                            __f,
                        )
                }
            }
        }
    }
    #[automatically_derived]
    impl _es::AggregateEvent for AccountEvent {
        const SCHEMAS: &'static [_es::EventSchema] = &[
            __EVENT_0.schema,
            __EVENT_1.schema,
        ];
        const TABLE: &'static [_es::KnownEvent] = __TABLE;
        const ABOUT: &'static [_es::__private::About] = &[
            _es::__private::event_of::<Opened>().about,
            _es::__private::event_of::<money::Deposited>().about,
        ];
        fn inner(
            &self,
        ) -> &(dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync) {
            match self {
                AccountEvent::Opened(__event) => __event,
                AccountEvent::Deposited(__event) => __event,
            }
        }
        fn schema(&self) -> _es::EventSchema {
            match self {
                AccountEvent::Opened(_) => __EVENT_0.schema,
                AccountEvent::Deposited(_) => __EVENT_1.schema,
            }
        }
        fn encode(
            &self,
            __out: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::EncodeError> {
            match self {
                AccountEvent::Opened(__event) => (__EVENT_0.encode)(__event, __out),
                AccountEvent::Deposited(__event) => (__EVENT_1.encode)(__event, __out),
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
                    _es::__private::Ok(_es::Parts::one(AccountEvent::Opened(__event)))
                }
                __name if __EVENT_1.is_named(__name) => {
                    let __event = __EVENT_1.read(__name, __version, __payload)?;
                    _es::__private::Ok(_es::Parts::one(AccountEvent::Deposited(__event)))
                }
                _ => {
                    _es::__private::Err(
                        _es::__private::unknown_name("account", __name, __version),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl _es::Lists<Opened> for Account {
        fn wrap(__event: Opened) -> AccountEvent {
            AccountEvent::Opened(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<Opened> for AccountEvent {
        fn from(__event: Opened) -> Self {
            AccountEvent::Opened(__event)
        }
    }
    #[automatically_derived]
    impl _es::Lists<money::Deposited> for Account {
        fn wrap(__event: money::Deposited) -> AccountEvent {
            AccountEvent::Deposited(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<money::Deposited> for AccountEvent {
        fn from(__event: money::Deposited) -> Self {
            AccountEvent::Deposited(__event)
        }
    }
    #[automatically_derived]
    impl _es::__private::From<AccountEvent> for _es::Events<Account> {
        fn from(__event: AccountEvent) -> Self {
            _es::__private::wrapped(__event)
        }
    }
    #[automatically_derived]
    impl _es::Aggregate for Account {
        const CATEGORY: &'static _es::__private::str = "account";
        type Id = AccountId;
        type Error = AccountError;
        type Event = AccountEvent;
        fn initial() -> _es::__private::Option<Self> {
            _es::__private::Some(__BEGIN())
        }
        fn fold(
            __state: &mut _es::__private::Option<Self>,
            __event: &AccountEvent,
        ) -> _es::__private::Result<(), _es::FoldError> {
            let __state = __state.get_or_insert_with(__BEGIN);
            match __event {
                AccountEvent::Opened(__event) => {
                    <Account as _es::Apply<Opened>>::apply(__state, __event);
                    _es::__private::Ok(())
                }
                AccountEvent::Deposited(__event) => {
                    <Account as _es::Apply<money::Deposited>>::apply(__state, __event);
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
                                let __state = __state.get_or_insert_with(__BEGIN);
                                <Account as _es::Apply<Opened>>::apply(__state, __event);
                                _es::__private::Ok(())
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
                                let __state = __state.get_or_insert_with(__BEGIN);
                                <Account as _es::Apply<
                                    money::Deposited,
                                >>::apply(__state, __event);
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
                clone_state: _es::__private::Probe::<Account>::__ES_CLONE,
                eq_state: _es::__private::Probe::<Account>::__ES_EQ,
                debug_state: _es::__private::Probe::<Account>::__ES_DEBUG,
                json_state: _es::__private::Probe::<Account>::__ES_JSON,
                snapshot: _es::__private::Probe::<Account>::__ES_SNAPSHOT,
                eq_event: |__one, __other| match (__one, __other) {
                    (AccountEvent::Opened(__one), AccountEvent::Opened(__other)) => {
                        _es::__private::Probe::<Opened>::__ES_EQ
                            .map(|__eq| __eq(__one, __other))
                    }
                    (
                        AccountEvent::Deposited(__one),
                        AccountEvent::Deposited(__other),
                    ) => {
                        _es::__private::Probe::<money::Deposited>::__ES_EQ
                            .map(|__eq| __eq(__one, __other))
                    }
                    _ => _es::__private::Some(false),
                },
                eq_error: _es::__private::Probe::<AccountError>::__ES_EQ,
            }
        }
    }
};

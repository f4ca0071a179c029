const _: () = {
    use ::eventsource_core as _es;
    const __SCHEMA: _es::EventSchema = _es::EventSchema {
        name: "account.deposited",
        version: 3,
    };
    const __JSON: _es::__private::Json<Deposited> = _es::__private::json::<Deposited>();
    #[automatically_derived]
    impl _es::Event for Deposited {
        const SCHEMA: _es::EventSchema = __SCHEMA;
        const JSON: _es::__private::Option<_es::__private::Json<Self>> = _es::__private::Some(
            __JSON,
        );
        const NAMES: &'static [_es::StoredName] = &[
            _es::StoredName {
                name: "deposit.made",
                first: 1,
                last: 1,
            },
            _es::StoredName {
                name: "account.deposited",
                first: 2,
                last: 3,
            },
        ];
        fn describe(
            __version: _es::__private::u32,
            __shapes: &mut _es::__private::Shapes,
        ) -> _es::__private::Option<_es::__private::EventShape> {
            use _es::__private::Unversioned as _;
            _es::__private::Some(
                __shapes
                    .event(
                        __version,
                        &_es::__private::History::named(
                            "Deposited",
                            3,
                            &[
                                _es::__private::Look::new(
                                    "account",
                                    "String",
                                    _es::__private::Probe::<String>::__ES_HOLDS,
                                ),
                                _es::__private::Look::new(
                                        "amount",
                                        "f64",
                                        _es::__private::Probe::<f64>::__ES_HOLDS,
                                    )
                                    .before(2),
                                _es::__private::Look::new(
                                        "cents",
                                        "u64",
                                        _es::__private::Probe::<u64>::__ES_HOLDS,
                                    )
                                    .since(2),
                                _es::__private::Look::new(
                                        "annotated",
                                        "bool",
                                        _es::__private::Probe::<bool>::__ES_HOLDS,
                                    )
                                    .since(3),
                                _es::__private::Look::new(
                                        "memo",
                                        "String",
                                        _es::__private::Probe::<String>::__ES_HOLDS,
                                    )
                                    .before(3),
                            ],
                        ),
                    ),
            )
        }
        fn encode(
            &self,
            __out: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::EncodeError> {
            __JSON.write(__SCHEMA, self, __out)
        }
        #[inline]
        fn decode(
            __version: _es::__private::u32,
            __payload: &[_es::__private::u8],
        ) -> _es::__private::Result<Self, _es::DecodeError> {
            match __version {
                1 => _es::__private::upcast::<Self, 1>(__SCHEMA, __payload),
                2 => _es::__private::upcast::<Self, 2>(__SCHEMA, __payload),
                3 => __JSON.read(__SCHEMA, __version, __payload),
                _ => {
                    _es::__private::Err(
                        _es::__private::unknown_version(__SCHEMA, __version),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<__A: _es::Lists<Deposited>> _es::__private::From<Deposited>
    for _es::Events<__A> {
        fn from(__event: Deposited) -> Self {
            _es::__private::one(__event)
        }
    }
    #[allow(private_interfaces)]
    #[derive(_es::__private::Deserialize)]
    #[serde(crate = "_es::__private::serde", expecting = "struct Deposited")]
    pub struct __DepositedV1 {
        pub account: String,
        pub amount: f64,
        pub memo: String,
    }
    #[automatically_derived]
    impl _es::AtVersion<1> for Deposited {
        type Shape = __DepositedV1;
    }
    #[automatically_derived]
    impl _es::__private::Upcast<1> for Deposited {
        fn upcast(__old: __DepositedV1) -> _es::__private::Upcasted<Self> {
            _es::__private::Upcast::<
                2,
            >::upcast(__DepositedV2 {
                account: __old.account,
                cents: {
                    let __with: fn(f64) -> u64 = to_cents;
                    __with(__old.amount)
                },
                memo: __old.memo,
            })
        }
    }
    #[allow(private_interfaces)]
    #[derive(_es::__private::Deserialize)]
    #[serde(crate = "_es::__private::serde", expecting = "struct Deposited")]
    pub struct __DepositedV2 {
        pub account: String,
        pub cents: u64,
        pub memo: String,
    }
    #[automatically_derived]
    impl _es::AtVersion<2> for Deposited {
        type Shape = __DepositedV2;
    }
    #[automatically_derived]
    impl _es::__private::Upcast<2> for Deposited {
        fn upcast(__old: __DepositedV2) -> _es::__private::Upcasted<Self> {
            let __new_annotated = {
                let __with: fn(&__DepositedV2) -> bool = |old| !old.memo.is_empty();
                __with(&__old)
            };
            _es::__private::Ok(Deposited {
                account: __old.account,
                cents: __old.cents,
                annotated: __new_annotated,
            })
        }
    }
    #[automatically_derived]
    impl _es::AtVersion<3> for Deposited {
        type Shape = Self;
    }
};

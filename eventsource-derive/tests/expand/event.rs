const _: () = {
    use ::eventsource_core as _es;
    const __SCHEMA: _es::EventSchema = _es::EventSchema {
        name: "account.opened",
        version: 1,
    };
    const __JSON: _es::__private::Json<Opened> = _es::__private::json::<Opened>();
    #[automatically_derived]
    impl _es::Event for Opened {
        const SCHEMA: _es::EventSchema = __SCHEMA;
        const JSON: _es::__private::Option<_es::__private::Json<Self>> = _es::__private::Some(
            __JSON,
        );
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
                            "Opened",
                            1,
                            &[
                                _es::__private::Look::new(
                                    "owner",
                                    "String",
                                    _es::__private::Probe::<String>::__ES_HOLDS,
                                ),
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
                1 => __JSON.read(__SCHEMA, __version, __payload),
                _ => {
                    _es::__private::Err(
                        _es::__private::unknown_version(__SCHEMA, __version),
                    )
                }
            }
        }
    }
    #[automatically_derived]
    impl<__A: _es::Lists<Opened>> _es::__private::From<Opened> for _es::Events<__A> {
        fn from(__event: Opened) -> Self {
            _es::__private::one(__event)
        }
    }
    #[automatically_derived]
    impl _es::AtVersion<1> for Opened {
        type Shape = Self;
    }
};

const _: () = {
    use ::eventsource_core as _es;
    #[automatically_derived]
    impl _es::Schema for Address {
        const VERSION: _es::__private::u32 = { 1 };
        const SHAPE: _es::__private::u64 = _es::__private::shape_of_parts(
            "struct",
            &[
                ("street", _es::__private::shape_of::<Option<String>>().shape),
                ("town", _es::__private::shape_of::<Town>().shape),
            ],
        );
        const LAYOUT: _es::__private::u64 = _es::__private::shape_of_parts(
            "struct",
            &[
                ("town", _es::__private::shape_of::<Town>().layout),
                (
                    "street\nskip_serializing_if=\"Option::is_none\"",
                    _es::__private::shape_of::<Option<String>>().layout,
                ),
            ],
        );
        fn describe(
            __version: _es::__private::u32,
            __shapes: &mut _es::__private::Shapes,
        ) -> _es::__private::Wire {
            use _es::__private::Unversioned as _;
            __shapes
                .history::<
                    Self,
                >(
                    __version,
                    &_es::__private::History::named(
                        "Address",
                        1,
                        &[
                            _es::__private::Look::new(
                                "town",
                                "Town",
                                _es::__private::Probe::<Town>::__ES_HOLDS,
                            ),
                            _es::__private::Look::new(
                                    "street",
                                    "Option<String>",
                                    _es::__private::Probe::<Option<String>>::__ES_HOLDS,
                                )
                                .serde(&[("skip_serializing_if", "Option::is_none")]),
                        ],
                    ),
                )
        }
    }
    #[automatically_derived]
    impl _es::__private::Versioned for Address {
        const VERSION: _es::__private::u32 = 1;
        fn read_at<'de, __D: _es::__private::Deserializer<'de>>(
            __version: _es::__private::u32,
            __from: __D,
        ) -> _es::__private::Result<_es::__private::Upcasted<Self>, __D::Error> {
            match __version {
                1 => {
                    <Address as _es::__private::Deserialize>::deserialize(__from)
                        .map(_es::__private::Ok)
                }
                _ => {
                    _es::__private::Err(_es::__private::no_version("Address", __version))
                }
            }
        }
    }
    #[automatically_derived]
    impl _es::AtVersion<1> for Address {
        type Shape = Self;
    }
    use _es::__private::Unversioned as _;
    const _: () = {
        _es::__private::held_at(
            _es::__private::Versions::of(
                _es::__private::Probe::<Town>::__ES_TOLD,
                _es::__private::Probe::<Town>::__ES_READ,
            ),
            1,
            "`Town` in `town`",
            ": bump `Address` to version 2, and say on `town` what it is and was: `nested = ..` and `was(_: Past<Town, 1>, before = 2)`",
        );
        _es::__private::holds_no_event(
            _es::__private::Versions::of(
                _es::__private::Probe::<Town>::__ES_TOLD,
                _es::__private::Probe::<Town>::__ES_READ,
            ),
            _es::__private::Probe::<Town>::__ES_EVENT,
            "`Town` in `town`",
        )
    };
};

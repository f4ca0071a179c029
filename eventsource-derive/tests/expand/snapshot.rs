const _: () = {
    use ::eventsource_core as _es;
    const __LAYOUT: _es::__private::u64 = _es::__private::shape_of_parts(
        "struct",
        &[
            (
                "",
                _es::__private::shape_of_parts(
                    "struct",
                    &[
                        ("cents", _es::__private::shape_of::<i64>().layout),
                        (
                            "owners\nrename=\"who\"",
                            _es::__private::shape_of::<Vec<Owner>>().layout,
                        ),
                        (
                            "limit",
                            _es::__private::shape_of_parts(
                                "opaque",
                                &[("foreign::Limit", 0)],
                            ),
                        ),
                    ],
                ),
            ),
        ],
    );
    const __CODEC: _es::__private::StateCodec<Account> = _es::__private::json_codec::<
        Account,
    >();
    #[automatically_derived]
    impl _es::Snapshot for Account {
        const FINGERPRINT: _es::Fingerprint = _es::__private::fingerprint::<
            Account,
        >(__LAYOUT, __CODEC.name, 1);
        fn encode(
            &self,
            __out: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::__private::SnapshotCodecError> {
            (__CODEC.encode)(self, __out)
        }
        fn decode(
            __bytes: &[_es::__private::u8],
        ) -> _es::__private::Result<Self, _es::__private::SnapshotCodecError> {
            (__CODEC.decode)(__bytes)
        }
    }
};

const _: () = {
    use ::my_app::es as _es;
    const __LAYOUT: _es::__private::u64 = _es::__private::shape_of_parts(
        "enum\ntag=\"is\"",
        &[
            (
                "Open",
                _es::__private::shape_of_parts(
                    "struct",
                    &[("since", _es::__private::shape_of::<Timestamp>().layout)],
                ),
            ),
            (
                "Shut",
                _es::__private::shape_of_parts(
                    "places",
                    &[("0", _es::__private::shape_of_parts("Box<Self>", &[]))],
                ),
            ),
        ],
    );
    const __CODEC: _es::__private::StateCodec<Door> = _es::__private::state_codec::<
        codecs::Binary,
        Door,
    >();
    #[automatically_derived]
    impl _es::Snapshot for Door {
        const FINGERPRINT: _es::Fingerprint = _es::__private::fingerprint::<
            Door,
        >(__LAYOUT, __CODEC.name, 2);
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

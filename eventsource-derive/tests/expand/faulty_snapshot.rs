::core::compile_error! {
    "versions start at 1\nhelp: remove `version` as long as the state means what it always meant"
}
const _: () = {
    use ::eventsource_core as _es;
    #[automatically_derived]
    impl _es::Snapshot for Account {
        const FINGERPRINT: _es::Fingerprint = _es::Fingerprint::new(0);
        fn encode(
            &self,
            _: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::__private::SnapshotCodecError> {
            _es::__private::stub()
        }
        fn decode(
            _: &[_es::__private::u8],
        ) -> _es::__private::Result<Self, _es::__private::SnapshotCodecError> {
            _es::__private::stub()
        }
    }
};

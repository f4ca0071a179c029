const _: () = {
    use ::eventsource_core as _es;
    const __TEXT: _es::__private::IdText<u64> = _es::__private::id_text::<u64>();
    #[automatically_derived]
    impl _es::AggregateId for AccountId {
        fn to_text(&self) -> _es::__private::Cow<'_, _es::__private::str> {
            (__TEXT.write)(&self.0)
        }
        fn from_text(
            __text: &_es::__private::str,
        ) -> _es::__private::Result<Self, _es::AggregateIdError> {
            (__TEXT.read)(__text).map(Self)
        }
    }
};

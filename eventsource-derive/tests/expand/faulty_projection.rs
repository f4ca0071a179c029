::core::compile_error! {
    "projection `Balances` lists no event\nhelp: write `events(Opened, ..)`"
}
const _: () = {
    use ::eventsource_core as _es;
    #[automatically_derived]
    impl _es::projection::Projection for Balances {
        const NAME: &'static _es::__private::str = "balances";
        const VERSION: _es::__private::u32 = 1;
        fn sources() -> _es::__private::Vec<_es::projection::Source> {
            _es::__private::stub()
        }
        fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
            _es::__private::stub()
        }
    }
    #[automatically_derived]
    impl _es::projection::HandlesIn<SqliteTx> for Balances {
        fn handle(
            &self,
            _: &dyn _es::__private::Any,
            _: &_es::projection::Envelope<'_>,
            _: &mut SqliteTx,
        ) -> _es::__private::Result<(), _es::projection::HandlerError> {
            _es::__private::stub()
        }
    }
};

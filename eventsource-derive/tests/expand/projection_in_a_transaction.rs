const _: () = {
    use ::my_app::es as _es;
    use _es::__private::Lacks as _;
    const __TAKEN: _es::__private::Taken = _es::__private::Taken {
        from: &[
            _es::__private::FromAggregate::of::<Account>("Account"),
            _es::__private::FromAggregate::of::<Order>("Order"),
        ],
        events: &[
            _es::__private::NamedEvent::of::<
                Opened,
            >(
                "Opened",
                &[
                    _es::__private::Probe::<(Account, Opened)>::__ES_LISTS,
                    _es::__private::Probe::<(Order, Opened)>::__ES_LISTS,
                ],
            ),
        ],
        ignored: &[],
    };
    const _: () = __TAKEN.event_is_listed(0usize);
    const _: () = _es::__private::tables_have_names(
        _es::__private::Probe::<Balances>::__ES_TABLES,
    );
    #[automatically_derived]
    impl _es::projection::Projection for Balances {
        const NAME: &'static _es::__private::str = "balances";
        const VERSION: _es::__private::u32 = 2;
        fn sources() -> _es::__private::Vec<_es::projection::Source> {
            __TAKEN.sources()
        }
        fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
            __TAKEN.listed()
        }
    }
    #[automatically_derived]
    impl _es::projection::HandlesIn<SqliteTx> for Balances {
        fn handle(
            &self,
            __event: &dyn _es::__private::Any,
            __envelope: &_es::projection::Envelope<'_>,
            __tx: &mut SqliteTx,
        ) -> _es::__private::Result<(), _es::projection::HandlerError> {
            if let _es::__private::Some(__event) = __event.downcast_ref::<Opened>() {
                <Balances as _es::projection::ProjectIn<
                    SqliteTx,
                    Opened,
                >>::project(self, __event, __envelope, __tx)
            } else {
                _es::__private::Ok(())
            }
        }
    }
};

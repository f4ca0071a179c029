const _: () = {
    use ::eventsource_core as _es;
    use _es::__private::Lacks as _;
    const __TAKEN: _es::__private::Taken = _es::__private::Taken {
        from: &[_es::__private::FromAggregate::of::<Account>("Account")],
        events: &[
            _es::__private::NamedEvent::of::<
                Opened,
            >("Opened", &[_es::__private::Probe::<(Account, Opened)>::__ES_LISTS]),
            _es::__private::NamedEvent::of::<
                money::Deposited,
            >(
                "money::Deposited",
                &[_es::__private::Probe::<(Account, money::Deposited)>::__ES_LISTS],
            ),
        ],
        ignored: &[
            _es::__private::NamedEvent::of::<
                Closed,
            >("Closed", &[_es::__private::Probe::<(Account, Closed)>::__ES_LISTS])
                .handled(
                    _es::__private::Probe::<(Balances, Closed)>::__ES_PROJECTS,
                    _es::__private::Probe::<
                        (Balances, _es::__private::AnyEvent),
                    >::__ES_PROJECTS,
                ),
        ],
    };
    const _: () = __TAKEN.event_is_listed(0usize);
    const _: () = __TAKEN.event_is_listed(1usize);
    const _: () = __TAKEN.ignored_is_listed(0usize);
    const _: () = __TAKEN.nothing_is_left_out("projection `Balances`", 0usize);
    #[automatically_derived]
    impl _es::projection::Projection for Balances {
        const NAME: &'static _es::__private::str = "balances";
        const VERSION: _es::__private::u32 = 1;
        fn sources() -> _es::__private::Vec<_es::projection::Source> {
            __TAKEN.sources()
        }
        fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
            __TAKEN.listed()
        }
    }
    #[automatically_derived]
    impl _es::projection::Handles for Balances {
        fn handle(
            &mut self,
            __event: &dyn _es::__private::Any,
            __envelope: &_es::projection::Envelope<'_>,
        ) {
            if let _es::__private::Some(__event) = __event.downcast_ref::<Opened>() {
                <Balances as _es::projection::Project<
                    Opened,
                >>::project(self, __event, __envelope);
            } else if let _es::__private::Some(__event) = __event
                .downcast_ref::<money::Deposited>()
            {
                <Balances as _es::projection::Project<
                    money::Deposited,
                >>::project(self, __event, __envelope);
            }
        }
    }
};

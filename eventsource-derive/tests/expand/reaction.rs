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
                Closed,
            >("Closed", &[_es::__private::Probe::<(Account, Closed)>::__ES_LISTS]),
        ],
        ignored: &[],
    };
    const _: () = __TAKEN.event_is_listed(0usize);
    const _: () = __TAKEN.event_is_listed(1usize);
    const _: () = __TAKEN.nothing_is_left_out("reaction `Mailer`", 0usize);
    #[automatically_derived]
    impl _es::projection::Reaction for Mailer {
        const NAME: &'static _es::__private::str = "mailer";
        fn sources() -> _es::__private::Vec<_es::projection::Source> {
            __TAKEN.sources()
        }
        fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
            __TAKEN.listed()
        }
    }
    #[automatically_derived]
    impl _es::projection::Reacts for Mailer {
        fn handle<'__a>(
            &'__a self,
            __event: &'__a (dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync),
            __envelope: &'__a _es::projection::Envelope<'__a>,
            __id: _es::projection::ReactionId,
        ) -> _es::projection::Handling<'__a> {
            if let _es::__private::Some(__event) = __event.downcast_ref::<Opened>() {
                _es::__private::reacted::<
                    Mailer,
                    Opened,
                >(self, __event, __envelope, __id)
            } else if let _es::__private::Some(__event) = __event
                .downcast_ref::<Closed>()
            {
                _es::__private::reacted::<
                    Mailer,
                    Closed,
                >(self, __event, __envelope, __id)
            } else {
                _es::__private::nothing()
            }
        }
    }
};

::core::compile_error! {
    "missing `events` on reaction `Mailer`\nhelp: add `#[reaction(events(..))]`"
}
const _: () = {
    use ::eventsource_core as _es;
    #[automatically_derived]
    impl _es::projection::Reaction for Mailer {
        const NAME: &'static _es::__private::str = "mailer";
        fn sources() -> _es::__private::Vec<_es::projection::Source> {
            _es::__private::stub()
        }
        fn listed() -> _es::__private::Vec<&'static _es::__private::str> {
            _es::__private::stub()
        }
    }
    #[automatically_derived]
    impl _es::projection::Reacts for Mailer {
        fn handle<'__a>(
            &'__a self,
            _: &'__a (dyn _es::__private::Any + _es::__private::Send + _es::__private::Sync),
            _: &'__a _es::projection::Envelope<'__a>,
            _: _es::projection::ReactionId,
        ) -> _es::projection::Handling<'__a> {
            _es::__private::stub()
        }
    }
};

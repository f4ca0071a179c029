::core::compile_error! {
    "missing `name` on event `Opened`\nhelp: add `#[event(name = \"opened\")]`"
}
::core::compile_error! {
    "nothing says what changed in version 2 of `Opened`\nhelp: describe it with `since = 2`, `was(.., before = 2)` or `had(.., before = 2)`, or with `step(2, with = f)` if only the meaning changed"
}
const _: () = {
    use ::eventsource_core as _es;
    #[automatically_derived]
    impl _es::Event for Opened {
        const SCHEMA: _es::EventSchema = _es::EventSchema {
            name: "Opened",
            version: 1,
        };
        fn encode(
            &self,
            _: &mut _es::__private::Vec<_es::__private::u8>,
        ) -> _es::__private::Result<(), _es::EncodeError> {
            _es::__private::stub()
        }
        fn decode(
            _: _es::__private::u32,
            _: &[_es::__private::u8],
        ) -> _es::__private::Result<Self, _es::DecodeError> {
            _es::__private::stub()
        }
    }
    #[allow(private_interfaces, dead_code)]
    pub struct __OpenedV1 {
        pub owner: String,
    }
    #[automatically_derived]
    impl _es::AtVersion<1> for Opened {
        type Shape = __OpenedV1;
    }
    #[automatically_derived]
    impl _es::AtVersion<2> for Opened {
        type Shape = Self;
    }
    #[automatically_derived]
    impl<__A: _es::Lists<Opened>> _es::__private::From<Opened> for _es::Events<__A> {
        fn from(_: Opened) -> Self {
            _es::__private::stub()
        }
    }
};

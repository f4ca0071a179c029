//! What becomes of a signal: without their feature, nothing. The names in `names.rs` are written without their module, and no value is computed that nobody listens to.

/// A span with its fields. What is `Empty` is recorded later.
#[cfg(feature = "tracing")]
macro_rules! span {
    ($NAME:ident { $($FIELD:ident = $value:expr),+ $(,)? }) => {
        ::tracing::span!(
            target: $crate::signal::names::TARGET,
            ::tracing::Level::DEBUG,
            $crate::signal::names::span::$NAME,
            $({ $crate::signal::names::field::$FIELD } = $value),+
        )
    };
    // One that is no part of the work at hand.
    ($NAME:ident beside { $($FIELD:ident = $value:expr),+ $(,)? }) => {{
        let span = ::tracing::span!(
            target: $crate::signal::names::TARGET,
            parent: None,
            ::tracing::Level::DEBUG,
            $crate::signal::names::span::$NAME,
            $({ $crate::signal::names::field::$FIELD } = $value),+
        );
        span.follows_from(::tracing::Span::current());
        span
    }};
}

/// An event with its fields.
#[cfg(feature = "tracing")]
macro_rules! tell {
    ($LEVEL:ident $NAME:ident $message:literal { $($FIELD:ident = $value:expr),+ $(,)? }) => {
        ::tracing::event!(
            name: $crate::signal::names::event::$NAME,
            target: $crate::signal::names::TARGET,
            ::tracing::Level::$LEVEL,
            { $({ $crate::signal::names::field::$FIELD } = $value),+ },
            $message
        )
    };
}

/// A field of a span that was `Empty`.
#[cfg(feature = "tracing")]
macro_rules! record {
    ($span:expr, $FIELD:ident = $value:expr) => {
        _ = $span.record($crate::signal::names::field::$FIELD, $value)
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! span {
    ($NAME:ident $(beside)? { $($FIELD:ident = $value:expr),+ $(,)? }) => {{
        let _ = || { $(_ = &$value;)+ };
        $crate::signal::macros::Span
    }};
}

#[cfg(not(feature = "tracing"))]
macro_rules! tell {
    ($LEVEL:ident $NAME:ident $message:literal { $($FIELD:ident = $value:expr),+ $(,)? }) => {{
        let _ = || { $(_ = &$value;)+ };
    }};
}

#[cfg(not(feature = "tracing"))]
macro_rules! record {
    ($span:expr, $FIELD:ident = $value:expr) => {{
        let _ = || _ = (&$span, &$value);
    }};
}

/// Adds to a counter.
#[cfg(feature = "metrics")]
macro_rules! count {
    ($NAME:ident += $number:expr, of $projection:expr $(, $LABEL:ident = $value:expr)?) => {
        ::metrics::counter!(
            $crate::signal::names::metric::$NAME,
            $crate::signal::names::label::PROJECTION => $projection.to_string()
            $(, $crate::signal::names::label::$LABEL => $value)?
        )
        .increment($number)
    };
    ($NAME:ident += $number:expr, $stream:expr $(, $LABEL:ident = $value:expr)?) => {
        ::metrics::counter!(
            $crate::signal::names::metric::$NAME,
            $crate::signal::names::label::AGGREGATE => $stream.category().to_string()
            $(, $crate::signal::names::label::$LABEL => $value)?
        )
        .increment($number)
    };
}

/// Records a value in a histogram.
#[cfg(feature = "metrics")]
macro_rules! measure {
    ($NAME:ident = $value:expr, of $projection:expr) => {
        ::metrics::histogram!(
            $crate::signal::names::metric::$NAME,
            $crate::signal::names::label::PROJECTION => $projection.to_string()
        )
        .record($value)
    };
    ($NAME:ident = $value:expr, $stream:expr) => {
        ::metrics::histogram!(
            $crate::signal::names::metric::$NAME,
            $crate::signal::names::label::AGGREGATE => $stream.category().to_string()
        )
        .record($value)
    };
}

/// Sets a gauge of a projection.
#[cfg(feature = "metrics")]
macro_rules! set {
    ($NAME:ident = $number:expr, of $projection:expr $(, $LABEL:ident = $value:expr)?) => {
        ::metrics::gauge!(
            $crate::signal::names::metric::$NAME,
            $crate::signal::names::label::PROJECTION => $projection.to_string()
            $(, $crate::signal::names::label::$LABEL => $value)?
        )
        .set($number)
    };
}

#[cfg(not(feature = "metrics"))]
macro_rules! count {
    ($NAME:ident += $number:expr, of $projection:expr $(, $LABEL:ident = $value:expr)?) => {{
        let _ = || _ = ($number, &$projection $(, &$value)?);
    }};
    ($NAME:ident += $number:expr, $stream:expr $(, $LABEL:ident = $value:expr)?) => {{
        let _ = || _ = ($number, &$stream $(, &$value)?);
    }};
}

#[cfg(not(feature = "metrics"))]
macro_rules! set {
    ($NAME:ident = $number:expr, of $projection:expr $(, $LABEL:ident = $value:expr)?) => {{
        let _ = || _ = ($number, &$projection $(, &$value)?);
    }};
}

#[cfg(not(feature = "metrics"))]
macro_rules! measure {
    ($NAME:ident = $value:expr, $stream:expr) => {{
        let _ = || _ = (&$value, &$stream);
    }};
}

pub(crate) use {count, measure, record, set, span, tell};

#[cfg(feature = "tracing")]
pub(crate) use tracing::Span;
#[cfg(feature = "tracing")]
pub(crate) use tracing::{
    Instrument,
    field::{Empty, display as shown},
};

#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::Span;
#[cfg(not(feature = "tracing"))]
pub(crate) use self::off::{Empty, Instrument, shown};

#[cfg(not(feature = "tracing"))]
mod off {
    /// No span.
    #[derive(Debug, Clone)]
    pub(crate) struct Span;

    impl Span {
        #[expect(clippy::unused_self, reason = "a span has it")]
        pub(crate) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
            work()
        }
    }

    /// No value yet.
    pub(crate) struct Empty;

    /// A value that is shown.
    pub(crate) fn shown<T>(value: T) -> T {
        value
    }

    pub(crate) trait Instrument: Sized {
        fn instrument(self, _: Span) -> Self {
            self
        }
    }

    impl<T> Instrument for T {}
}

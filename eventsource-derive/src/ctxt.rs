//! Collects every error of one expansion, so that the user sees all mistakes at once.

use std::{fmt::Display, mem};

use proc_macro2::Span;
use quote::ToTokens;

/// The errors so far. It must be finished: an error that is dropped in silence would let wrong code compile.
#[derive(Default)]
pub(crate) struct Ctxt {
    errors: Option<syn::Error>,
    finished: bool,
}

impl Ctxt {
    /// Reports a mistake at a range of tokens.
    pub(crate) fn error(&mut self, at: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(at, message));
    }

    /// Reports a mistake at one place.
    pub(crate) fn error_at(&mut self, at: Span, message: impl Display) {
        self.push(syn::Error::new(at, message));
    }

    /// Reports what a parser returned.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// The value, or its error reported.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// All errors together.
    pub(crate) fn finish(mut self) -> syn::Result<()> {
        self.finished = true;
        mem::take(&mut self.errors).map_or(Ok(()), Err)
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        // A mistake in this crate, not in the user's: each pipeline ends in `finish`.
        debug_assert!(
            self.finished || std::thread::panicking(),
            "a Ctxt was dropped without finish()"
        );
    }
}

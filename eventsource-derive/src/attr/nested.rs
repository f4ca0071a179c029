//! `nested = 2` and `nested(Page = 2, Address = 3)`: the versions of the values in a field.

use syn::{Ident, Type, ext::IdentExt, parse::ParseStream, token::Paren};

use super::{At, Key, comma, number, to_next_comma};
use crate::{ctxt::Ctxt, name, types};

/// The versions at which a field holds its values; 1 where nothing is said.
#[derive(Default)]
pub(crate) struct Nested {
    /// That of every value in the field.
    all: Option<At<u32>>,
    /// Those of values of different types, each by the last word of its type.
    pub(crate) each: Vec<(Ident, At<u32>)>,
}

impl Nested {
    /// Every number that is said.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &At<u32>> {
        self.all
            .iter()
            .chain(self.each.iter().map(|(_, number)| number))
    }

    /// The version of a value of this type.
    pub(crate) fn of(&self, ty: &Type) -> u32 {
        let of_its_own = types::last_word(ty).and_then(|word| {
            let named = self.each.iter().find(|(ident, _)| ident == word);
            named.map(|(_, number)| number)
        });
        of_its_own
            .or(self.all.as_ref())
            .map_or(1, |number| number.value)
    }
}

pub(super) fn nested(cx: &mut Ctxt, key: &Key, input: ParseStream<'_>) -> syn::Result<Nested> {
    if !input.peek(Paren) {
        let number = number(cx, key, input)?;
        return Ok(Nested {
            all: Some(number),
            each: Vec::new(),
        });
    }
    let content;
    syn::parenthesized!(content in input);
    if content.is_empty() {
        let message = "`nested` says at which version a value is\nhelp: write `nested = 2`, or `nested(Page = 2, Address = 3)`";
        return Err(syn::Error::new(key.written.span(), message));
    }
    let mut each: Vec<(Ident, At<u32>)> = Vec::new();
    while !content.is_empty() {
        let one = type_and_number(cx, &content);
        match cx.ok(one) {
            Some((ident, _)) if each.iter().any(|(other, _)| *other == ident) => cx.error(
                &ident,
                format_args!("the version of `{ident}` is said twice"),
            ),
            Some(one) => each.push(one),
            None => to_next_comma(&content)?,
        }
        comma(cx, &content)?;
    }
    Ok(Nested { all: None, each })
}

fn type_and_number(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<(Ident, At<u32>)> {
    let at = input.span();
    let ident = input.call(Ident::parse_any).map_err(|_| {
        let message = "the name of a type stands here\nhelp: write `nested(Page = 2, Address = 3)`";
        syn::Error::new(at, message)
    })?;
    let key = Key {
        word: "nested",
        written: ident.clone(),
    };
    let number = number(cx, &key, input).map_err(|error| {
        let text = error.to_string();
        let text = text.replace(
            "`nested`",
            &format!("the version of `{}`", name::of(&ident)),
        );
        syn::Error::new(
            error.span(),
            text.replace("nested =", &format!("{} =", name::of(&ident))),
        )
    })?;
    Ok((ident, number))
}

//! Prints tokens in one fixed spacing. `to_string()` would not do: its spacing changes with the compiler, and with it
//! messages and whatever is compared.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens as text: words are parted by a space, everything else stands close.
pub(crate) fn tokens(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text
}

/// The place of the first token, on every compiler.
pub(crate) fn span(tokens: &impl ToTokens) -> Span {
    let first = tokens.to_token_stream().into_iter().next();
    first.map_or_else(Span::call_site, |token| token.span())
}

fn write(stream: TokenStream, text: &mut String) {
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                // Groups without delimiters come from `macro_rules` and are not to be seen.
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if punct.spacing() == Spacing::Alone && matches!(punct.as_char(), ',' | ';') {
                    text.push(' ');
                }
            }
            word @ (TokenTree::Ident(_) | TokenTree::Literal(_)) => {
                if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn spacing_is_ours() {
        assert_eq!(
            tokens(&quote!(::a::Map < String , & 'static  str >)),
            "::a::Map<String, &'static str>"
        );
        assert_eq!(tokens(&quote!(dyn Send + r#type)), "dyn Send+r#type");
    }
}

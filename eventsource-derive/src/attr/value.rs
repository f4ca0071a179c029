//! Expressions in attributes. They are not parsed but stepped over, token by token, since what parses every expression
//! is a part of syn that the derives do without; the compiler reads them where they are used.

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Ident, Token, ext::IdentExt, parse::ParseStream, token::Paren};

use super::{Helper, Key};

/// An expression as the user wrote it.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) tokens: TokenStream,
    pub(crate) span: Span,
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// Reads `= expression`, which ends at the next comma outside of it.
pub(crate) fn expression(
    key: &Key,
    example: &str,
    helper: &Helper,
    input: ParseStream<'_>,
) -> syn::Result<Value> {
    let span = if input.parse::<Option<Token![=]>>()?.is_some() {
        input.span()
    } else {
        key.written.span()
    };
    let tokens = Scan::default().expression(input)?;
    if tokens.is_empty() {
        let word = key.word;
        let message = format!("`{word}` takes an expression\nhelp: write `{word} = {example}`");
        return Err(syn::Error::new(key.written.span(), message));
    }
    // A comma that was taken for the end may be one of the expression's own.
    if input.peek(Token![,]) {
        let next = input.fork();
        next.parse::<Token![,]>()?;
        if !next.is_empty() && !begins_a_key(&next, helper) {
            // Nothing behind it can be told for what it is.
            input.parse::<TokenStream>()?;
            return Err(in_parentheses(key.word, span));
        }
    }
    Ok(Value { tokens, span })
}

fn begins_a_key(input: ParseStream<'_>, helper: &Helper) -> bool {
    let Ok(word) = input.call(Ident::parse_any) else {
        return false;
    };
    let assigned = input.peek(Token![=]) && !input.peek(Token![==]);
    let known = helper.keys.iter().any(|key| word == key);
    assigned || (known && (input.is_empty() || input.peek(Token![,]) || input.peek(Paren)))
}

fn in_parentheses(word: &str, at: Span) -> syn::Error {
    let message = format!(
        "where the expression of `{word}` ends is not clear\nhelp: put it into parentheses: `{word} = (..)`"
    );
    syn::Error::new(at, message)
}

/// Where in an expression the next token is.
#[derive(Default)]
struct Scan {
    /// How many `<` are open that are known to be brackets.
    depth: usize,
    /// Whether the last token can end an operand, so that `|` and `<` after it are operators.
    operand: bool,
    /// Whether a type is being read, in which `<` is a bracket.
    ty: bool,
    /// Whether a closure's parameters are being read.
    parameters: bool,
    /// The last mark, as long as the next token stands right behind it.
    joint: Option<char>,
    tokens: TokenStream,
}

impl Scan {
    fn expression(mut self, input: ParseStream<'_>) -> syn::Result<TokenStream> {
        while !input.is_empty() {
            if self.depth == 0 && !self.parameters && input.peek(Token![,]) {
                break;
            }
            let at = input.span();
            let token: TokenTree = input.parse()?;
            if !self.step(&token) {
                let message = "the expression goes on here, without an operator\nhelp: put it into parentheses, or a `,` before this";
                return Err(syn::Error::new(at, message));
            }
            self.tokens.extend([token]);
        }
        Ok(self.tokens)
    }

    /// Takes one token; `false` when two operands meet.
    fn step(&mut self, token: &TokenTree) -> bool {
        match token {
            TokenTree::Punct(punct) => self.mark(punct),
            TokenTree::Ident(word) => {
                let keyword = is_keyword(word);
                let lifetime = self.joint.take() == Some('\'');
                if lifetime {
                    self.operand = false;
                    return true;
                }
                if self.operand && !keyword && self.depth == 0 && !self.parameters {
                    return false;
                }
                self.ty |= word == "as";
                self.operand = !keyword;
            }
            TokenTree::Literal(_) => {
                if self.operand && self.depth == 0 && !self.parameters {
                    return false;
                }
                self.operand = true;
                self.joint = None;
            }
            TokenTree::Group(group) => {
                self.ty &= group.delimiter() == Delimiter::None;
                self.operand = group.delimiter() != Delimiter::Brace;
                self.joint = None;
            }
        }
        true
    }

    fn mark(&mut self, punct: &Punct) {
        let before = self.joint.take();
        let mark = punct.as_char();
        if punct.spacing() == Spacing::Joint {
            self.joint = Some(mark);
        }
        match (mark, before) {
            // The second half of an `||` that is an operator.
            ('|', Some('|')) if !self.parameters => self.operand = false,
            ('|', _) if self.depth == 0 => {
                self.parameters = !self.parameters && !self.operand;
                self.operand = false;
            }
            // `->` opens a type; it closes no bracket.
            ('>', Some('-')) => {
                self.ty = true;
                self.operand = false;
            }
            // `=>` closes no bracket, `::` before `<` makes it one, and `'` begins a name that is no operand.
            ('>', Some('=')) | (':' | '\'', _) => self.operand = false,
            ('>', _) if self.depth > 0 => {
                self.depth -= 1;
                self.operand = true;
            }
            ('<', _) if self.depth > 0 || self.ty || !self.operand => {
                self.depth += 1;
                self.operand = false;
            }
            // What a `?` follows is an operand, and stays one.
            ('?', _) => {}
            ('&' | '*' | '!' | '+', _) if self.ty => self.operand = false,
            _ => {
                self.ty = false;
                self.operand = false;
            }
        }
    }
}

/// Words that are no operand: after them an expression begins, or goes on.
fn is_keyword(word: &Ident) -> bool {
    const WORDS: &[&str] = &[
        "as", "async", "await", "break", "const", "continue", "dyn", "else", "fn", "for", "if",
        "impl", "in", "let", "loop", "match", "move", "mut", "ref", "return", "static", "unsafe",
        "where", "while",
    ];
    WORDS.iter().any(|keyword| word == keyword)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attr::FIELD, print};

    /// What is read of `with = {text}`, and what is left.
    fn read(text: &str) -> Result<(String, String), String> {
        let read = |input: ParseStream<'_>| {
            let written: Ident = input.parse()?;
            let key = Key {
                word: "with",
                written,
            };
            let value = expression(&key, "f", &FIELD, input)?;
            let rest: TokenStream = input.parse()?;
            Ok((print::tokens(&value), print::tokens(&rest)))
        };
        syn::parse::Parser::parse_str(read, &format!("with = {text}"))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_expression_ends_at_the_comma_that_is_not_its_own() {
        for expression in [
            "f",
            "money::cents",
            "|a| a * 2",
            "|a, b| a + b",
            "|a: Vec<(A, B)>, b| -> Vec<(A, B)> { f(a, b) }",
            "|a| -> Result<A, B> { f(a) }",
            "move |a, b| (a, b)",
            "|| HashMap::<A, B>::new()",
            "HashMap::<A, B>::new()",
            "Vec::<Option<HashMap<A, B>>>::new()",
            "<HashMap<A, B> as Default>::default()",
            "<A as Into<HashMap<A, B>>>::into",
            "iter.collect::<HashMap<A, B>>()",
            "Point { x: 1, y: 2 }",
            "{ let x: HashMap<A, B> = f(); x }",
            "[1, 2, 3]",
            "(a < b, c > d)",
            "|a| a | b",
            "|a| a || b",
            "|a| if a < b { c } else { d }",
            "|a| a as u64 + 1",
            "|a| a as HashMap<A, B>",
            "|a| f(a) as fn(A, B) -> HashMap<A, B>",
            "|a| match a { A => b, C => d }",
            "|&(a, b)| a + b",
            "|a| a << 2 >> 3",
            "|a| f(a)?",
            "|_| -1.5e3",
            "'x'",
            "|old| !old.memo.is_empty()",
            "|old| old.net.await",
            "vec![1, 2]",
            "|Old { a, b }| New { a, b }",
            "|s: &'static str| s",
            "|s| -> &'a str { s }",
        ] {
            let tokens: TokenStream = expression.parse().unwrap();
            let expected = print::tokens(&tokens);
            assert_eq!(
                read(expression),
                Ok((expected.clone(), String::new())),
                "{expression}"
            );
            for rest in ["before = 2", "was(a, before = 2)", "opaque"] {
                let both = format!("{expression}, {rest}");
                let tokens: TokenStream = rest.parse().unwrap();
                let rest = format!(", {}", print::tokens(&tokens));
                assert_eq!(read(&both), Ok((expected.clone(), rest)), "{both}");
            }
        }
    }

    #[test]
    fn where_the_end_is_not_clear_parentheses_are_asked_for() {
        for expression in ["a < b, c > (d)", "f, 5", "f, g", "f, |a| b", "f, x == 3"] {
            let error = read(expression).unwrap_err();
            assert!(error.contains("`with = (..)`"), "{expression}: {error}");
        }
        for expression in ["5 5", "f g", "f \"x\"", "(a) b"] {
            let error = read(expression).unwrap_err();
            assert!(
                error.contains("without an operator"),
                "{expression}: {error}"
            );
        }
        assert!(read("").unwrap_err().contains("takes an expression"));
        assert!(
            read(", before = 2")
                .unwrap_err()
                .contains("takes an expression")
        );
    }
}

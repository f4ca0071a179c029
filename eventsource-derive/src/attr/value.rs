//! Reads a Rust expression as tokens. Parsing it would need syn's feature `full`, and every build that uses a derive
//! would pay for it.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
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

/// Reads `= expression`, up to the next comma that is not within it: the commas of type arguments and of a closure's
/// parameters are, and so is everything in parentheses. Where something else than a key of `helper` or the end follows
/// the comma, it may have been the expression's after all, and that is the error.
pub(crate) fn expression(
    key: &Key,
    example: &str,
    helper: &Helper,
    input: ParseStream<'_>,
) -> syn::Result<Value> {
    let word = key.word;
    let assigned = input.parse::<Option<Token![=]>>()?.is_some();
    let (span, tokens) = (input.span(), tokens(input)?);
    if !assigned || tokens.is_empty() {
        let message = format!("`{word}` takes an expression\nhelp: write `{word} = {example}`");
        return Err(syn::Error::new(key.written.span(), message));
    }
    if input.peek(Token![,]) && !a_key_follows(input, helper)? {
        let message = format!(
            "where the expression of `{word}` ends is not clear\nhelp: put it into parentheses: `{word} = (..)`"
        );
        return Err(syn::Error::new(span, message));
    }
    Ok(Value { tokens, span })
}

fn tokens(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let (mut scan, mut tokens) = (Scan::new(), TokenStream::new());
    while !input.is_empty() && (scan.is_enclosed() || !input.peek(Token![,])) {
        let at = input.span();
        let token: TokenTree = input.parse()?;
        if scan.is_second_operand(&token) {
            let message = "the expression goes on here, without an operator\nhelp: put it into parentheses, or a `,` before this";
            return Err(syn::Error::new(at, message));
        }
        scan.pass(&token);
        tokens.extend([token]);
    }
    Ok(tokens)
}

/// Whether what stands behind the comma begins a key, or nothing does.
fn a_key_follows(input: ParseStream<'_>, helper: &Helper) -> syn::Result<bool> {
    let ahead = input.fork();
    ahead.parse::<Token![,]>()?;
    if ahead.is_empty() {
        return Ok(true);
    }
    let Ok(word) = ahead.call(Ident::parse_any) else {
        return Ok(false);
    };
    let assigned = ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]);
    let known = helper.keys.iter().any(|key| word == key);
    Ok(assigned || known && (ahead.is_empty() || ahead.peek(Token![,]) || ahead.peek(Paren)))
}

/// Where in an expression a token stands.
struct Scan {
    /// How many `<` of type arguments are open.
    angles: usize,
    within: Within,
    /// An operand is expected, not an operator: `|` begins a closure, `<` begins a path.
    operand: bool,
    /// Right behind `'`.
    lifetime: bool,
    /// Right behind `::`.
    separator: bool,
    /// The mark that the last token was, when the next one continues it.
    joint: Option<char>,
}

#[derive(Clone, Copy, PartialEq)]
enum Within {
    Value,
    /// Between the bars of a closure.
    Bars,
    /// Behind `as` or `->`, where `<` opens arguments.
    Type,
}

impl Scan {
    const fn new() -> Self {
        Self {
            angles: 0,
            within: Within::Value,
            operand: true,
            lifetime: false,
            separator: false,
            joint: None,
        }
    }

    /// Whether no comma here ends the expression.
    fn is_enclosed(&self) -> bool {
        self.within == Within::Bars || self.angles > 0
    }

    fn is_second_operand(&self, token: &TokenTree) -> bool {
        if self.operand || self.is_enclosed() {
            return false;
        }
        match token {
            TokenTree::Ident(word) => !["as", "else", "in"].iter().any(|next| word == next),
            TokenTree::Literal(_) => true,
            TokenTree::Punct(_) | TokenTree::Group(_) => false,
        }
    }

    fn pass(&mut self, token: &TokenTree) {
        let (joint, separator) = (self.joint.take(), self.separator);
        self.separator = false;
        match token {
            TokenTree::Punct(mark) => {
                if mark.spacing() == Spacing::Joint {
                    self.joint = Some(mark.as_char());
                }
                self.mark(mark.as_char(), joint, separator);
            }
            _ if self.is_enclosed() => {}
            TokenTree::Group(group) => {
                self.operand = false;
                if group.delimiter() == Delimiter::Brace {
                    self.within = Within::Value;
                }
            }
            TokenTree::Literal(_) => self.operand = false,
            TokenTree::Ident(_) if self.lifetime => self.lifetime = false,
            TokenTree::Ident(word) => {
                let word = word.to_string();
                if word == "as" {
                    self.within = Within::Type;
                }
                self.operand = BEFORE_AN_OPERAND.contains(&&*word);
            }
        }
    }

    fn mark(&mut self, mark: char, joint: Option<char>, separator: bool) {
        match (mark, joint) {
            ('|', _) if self.within == Within::Bars => {
                self.within = Within::Value;
                self.operand = true;
                // `|a||b| b`: the bars of two closures.
                self.joint = None;
            }
            _ if self.within == Within::Bars => {}
            // `->` and `=>` close nothing.
            ('>', Some('-' | '=')) => {
                if self.angles == 0 {
                    self.operand = true;
                    if joint == Some('-') {
                        self.within = Within::Type;
                    }
                }
            }
            ('<', _) if self.angles > 0 => self.angles += 1,
            ('>', _) if self.angles > 0 => {
                self.angles -= 1;
                self.operand = false;
            }
            _ if self.angles > 0 => {}
            ('<', _)
                if self.within == Within::Type
                    || separator
                    || self.operand && joint != Some('<') =>
            {
                self.angles = 1;
            }
            // The second bar of "or" begins no closure.
            ('|', before) if self.operand && before != Some('|') => self.within = Within::Bars,
            ('?', _) => {}
            ('\'', _) => self.lifetime = true,
            (':', _) => {
                self.separator = joint == Some(':');
                self.operand = true;
            }
            _ => {
                // Behind an operand, a mark is an operator and the type is over.
                if !self.operand {
                    self.within = Within::Value;
                }
                self.operand = true;
            }
        }
    }
}

/// The words behind which an expression or a type goes on.
const BEFORE_AN_OPERAND: &[&str] = &[
    "as", "async", "await", "break", "const", "dyn", "else", "extern", "fn", "for", "if", "impl",
    "in", "let", "loop", "match", "move", "mut", "ref", "return", "static", "unsafe", "while",
    "yield",
];

#[cfg(test)]
mod tests {
    use syn::parse::Parser;

    use super::*;
    use crate::print;

    const HELPER: Helper = Helper {
        name: "retired",
        what: "retired",
        keys: &["from", "into"],
    };

    /// What is read of `into = {text}`, and what is left of it.
    fn split(text: &str) -> Result<(String, String), String> {
        let parser = |input: ParseStream<'_>| {
            let key = Key {
                word: "into",
                written: input.parse()?,
            };
            let value = expression(&key, "f", &HELPER, input)?;
            let rest = input.parse::<TokenStream>()?;
            Ok((print::tokens(&value), print::tokens(&rest)))
        };
        let text = format!("into = {text}");
        parser.parse_str(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_comma_within_an_expression_does_not_end_it() {
        for expression in [
            "split",
            "legacy::split",
            "|_|[]",
            "|a, b|a+b",
            "|a:Map<K, V>, (b, c):(u8, u8)|f(a, b)",
            "move|old|[one(old), two(old)]",
            "||Vec::<(A, B)>::new()",
            "|a||b, c|d",
            "|old|->Vec<(A, B)>{vec![a, b]}",
            "|old|->Result<Map<K, Vec<V>>, E>{old}",
            "Map::<K, fn(A, B)->C>::from_old",
            "<Old as Split<A, B>>::split",
            "<<Old as A>::B as Split<A, B>>::split",
            "|old|old.x as Map<K, V>",
            "|old|(old.count as u64)<3",
            "|old|old.a<old.b",
            "|old|old.a<<old.b",
            "|old|old.a||old.b||old.c|old.d",
            "|old|old.a|old.b",
            "|old|Account{a:old.a, b}",
            "|old|{let(a, b)=old; [a, b]}",
            "|old|if a<b{c}else{d}",
            "|old|match old{A=>b, _=>c}",
            "|old|old.parts.into_iter().map(|part|part?)",
            "|old|async{old.await}",
            "|old|-old.x..=old.y",
            "|old|'a: loop{break'a}",
            "|old|!old.empty&&*old.x==b'\\''",
            "|old|vec![a, b]",
            "|old|old.x as*const T",
        ] {
            for rest in ["", ", from=Old", ", from(x)", ","] {
                let whole = format!("{expression}{rest}");
                let (read, left) = split(&whole).expect(&whole);
                assert_eq!(
                    (read + &left).replace(' ', ""),
                    whole.replace(' ', ""),
                    "{whole}"
                );
                assert_eq!(left.replace(' ', ""), rest.replace(' ', ""), "{whole}");
            }
        }
    }

    #[test]
    fn a_comma_that_no_key_follows_may_be_the_expressions_own() {
        for whole in ["a<b, c>(d)", "x, 7", "x, y == z", "x, |_| []", "x, y"] {
            let error = split(whole).expect_err(whole);
            assert!(error.contains("`into = (..)`"), "{error}");
        }
        assert!(split("(a<b, c>(d)), from = Old").is_ok());
    }

    #[test]
    fn two_operands_are_no_expression() {
        for whole in [
            "split from = Old",
            "|_|[] from = Old",
            "|old|old.x as u8 from = Old",
            "a::<B> from = Old",
            "7 from = Old",
            "f(x)? 8",
        ] {
            let error = split(whole).expect_err(whole);
            assert!(error.contains("without an operator"), "{error}");
        }
    }

    #[test]
    fn nothing_is_no_expression() {
        for whole in ["", ", from = Old"] {
            let error = split(whole).expect_err(whole);
            assert!(error.contains("takes an expression"), "{error}");
        }
    }
}

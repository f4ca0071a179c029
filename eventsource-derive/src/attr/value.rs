//! Reads a Rust expression as tokens. Parsing it would need syn's feature `full`, and every build that uses a derive
//! would pay for it.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Ident, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token::Paren,
};

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
        // Nothing behind it can be told for what it is.
        input.parse::<TokenStream>()?;
        let message = format!(
            "where the expression of `{word}` ends is not clear\nhelp: put it into parentheses: `{word} = (..)`"
        );
        return Err(syn::Error::new(span, message));
    }
    let tokens = without_parentheses(tokens);
    Ok(Value { tokens, span })
}

/// What stands in parentheses that hold one expression: they are there for the reader, and the compiler would warn of
/// them where the expression is put. A tuple keeps its own.
fn without_parentheses(mut expression: TokenStream) -> TokenStream {
    loop {
        let mut trees = expression.clone().into_iter();
        let (Some(TokenTree::Group(group)), None) = (trees.next(), trees.next()) else {
            return expression;
        };
        let one = |input: ParseStream<'_>| {
            let one = tokens(input)?;
            let rest: TokenStream = input.parse()?;
            Ok((one, rest))
        };
        match one.parse2(group.stream()) {
            Ok((one, rest))
                if group.delimiter() == Delimiter::Parenthesis
                    && rest.is_empty()
                    && !one.is_empty() =>
            {
                expression = one;
            }
            _ => return expression,
        }
    }
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
        Parser::parse_str(read, &format!("with = {text}")).map_err(|error| error.to_string())
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
            "|old|old.x as *const T",
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

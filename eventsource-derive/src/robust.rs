//! Whatever stands in an attribute, the derives return Rust items: they never panic, and what they refuse they refuse in
//! words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_quote};

/// Pieces of attributes, right and wrong.
const PIECES: &[&str] = &[
    "name",
    "version",
    "id",
    "error",
    "events",
    "created_by",
    "event_enum",
    "event_derives",
    "crate",
    "colour",
    "name = \"a\"",
    "name = \"a b\"",
    "name = 5",
    "version = 1",
    "version = 0",
    "version = \"1\"",
    "id = u64",
    "id = \"u64\"",
    "error = E",
    "events(A, b::B)",
    "events(A, A)",
    "events()",
    "events(A as)",
    "events(A<B>)",
    "events(\"A\", 5)",
    "events = [A, B]",
    "events = A",
    "retired",
    "retired(\"a\", from = A, into = |_| [])",
    "retired(a.b, from = b::B, into = b::split)",
    "retired(from = A<B>, into = \"a\", into)",
    "event_enum = A",
    "event_enum = \"A\"",
    "event_derives(Clone, Debug)",
    "created_by = A",
    "created_by = \"\"",
    "crate = ::a",
    "crate = a",
    "=",
    "==",
    "::",
    "<",
    "'a",
    "(",
    "\"\"",
    "..",
    "#",
    "r#type",
    "-1",
    "1.5",
    "'c'",
    "|a, b| a",
    "{}",
    "[]",
    "()",
];

const ITEMS: &[&str] = &[
    "struct A;",
    "struct A(u64);",
    "struct A(u64, u64);",
    "struct A { a: u64 }",
    "struct A();",
    "enum A {}",
    "enum A { B(u64), C { d: u64 } }",
    "union A { a: u64 }",
    "struct A<T>(T);",
    "struct A<'a>(&'a str);",
    "struct A<'a, T: 'a, const N: usize = 3>(&'a [T; N]) where T: Copy;",
    "struct A<T = u64> where T: Copy { a: T }",
    "struct r#type { r#fn: u64 }",
];

#[test]
fn no_attribute_makes_a_derive_panic() {
    let items: Vec<DeriveInput> = ITEMS
        .iter()
        .map(|item| syn::parse_str(item).expect("an item"))
        .collect();
    let pairs = PIECES.iter().enumerate().flat_map(|(place, one)| {
        // With a comma between them and without, by turns.
        let join = move |(other, text): (usize, &&str)| match (place + other) % 2 {
            0 => format!("{one}, {text}"),
            _ => format!("{one} {text}"),
        };
        PIECES.iter().enumerate().map(join)
    });
    let mut tried = 0;
    for (number, attribute) in pairs.chain([String::new()]).enumerate() {
        // What is no list of tokens, such as a lonely parenthesis, never reaches a derive.
        let Ok(keys) = attribute.parse::<TokenStream>() else {
            continue;
        };
        let mut item = items[number % items.len()].clone();
        item.attrs = vec![
            parse_quote!(#[event(#keys)]),
            parse_quote!(#[aggregate(#keys)]),
            parse_quote!(#[aggregate_id(#keys)]),
        ];
        for tokens in [
            crate::event(&item),
            crate::aggregate(&item),
            crate::aggregate_id(&item),
        ] {
            let shown = quote!(#item).to_string();
            assert!(
                syn::parse2::<syn::File>(tokens).is_ok(),
                "no items for {shown}"
            );
            tried += 1;
        }
    }
    assert!(tried > 3 * 1000, "only {tried}");
}

//! Whatever stands in an attribute, the derives return Rust items: they never panic, and what they refuse they refuse in
//! words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Field, parse_quote};

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
    "from(A, b::B)",
    "from(A, A)",
    "from()",
    "from(\"A\", A<B>, A as B)",
    "from = A",
    "ignores(A, ..)",
    "ignores(..)",
    "ignores(.., 5)",
    "ignores()",
    "ignores = ..",
    "transaction = A",
    "transaction = \"A\"",
    "transaction = 5",
    "transaction",
    "at_least_once",
    "at_least_once = true",
    "since = 2",
    "since = 0",
    "since = 2, default = 5",
    "since = 2, with = |old| old.a, opaque",
    "was(a: u32, before = 2)",
    "was(_: u32, before = 2, with = |a| a, serde(rename = \"b\"))",
    "was(b, before = 3)",
    "was(before = 2)",
    "was(\"a.b\", before = 2)",
    "was(serde(rename_all = \"x\"), before = 2)",
    "was(5)",
    "was",
    "had(b: u32, before = 2)",
    "had(b: u32, since = 2, before = 3, default = 5)",
    "had(b)",
    "had(a: u64, before = 9, colour = 3)",
    "was(type, before = 2)",
    "was(self, before = 2)",
    "was(a, before = 2, serde(rename = \"b\", not(with)))",
    "had(Self: u32, before = 2)",
    "had(if { type: u32 }, before = 2, with = f)",
    "had(B { #[event(opaque)] b: u32 }, before = 2, with = f)",
    "opaque = true",
    "default = ((a))",
    "step(2, with = f)",
    "step(2)",
    "step(x, with = f)",
    "v1 = Old",
    "v1 = 5",
    "v0 = Old",
    "v99999999999 = Old",
    "version = 2",
    "version = 3",
    "version = 4294967295",
    "shape = \"00000000\"",
    "shape = \"x\"",
    "nested = 2",
    "nested = 0",
    "nested(A = 2, B = 3)",
    "nested(A, 5)",
    "nested()",
    "oldest = 2",
    "oldest = 9",
    "oldest = 0",
    "was(_: Vec<Past<A, 1>>, before = 3)",
    "was(_: (Past<u64, 2>, [u8]), before = 2)",
    "opaque",
    "codec = a::Json",
    "codec = \"Json\"",
    "codec",
    "with = |a, b| a < b",
    "default = a < b, c > d",
    "default = ::<",
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

fn fields_mut(data: &mut Data) -> Box<dyn Iterator<Item = &mut Field> + '_> {
    match data {
        Data::Struct(data) => Box::new(data.fields.iter_mut()),
        Data::Enum(data) => Box::new(
            data.variants
                .iter_mut()
                .flat_map(|variant| &mut variant.fields),
        ),
        Data::Union(data) => Box::new(data.fields.named.iter_mut()),
    }
}

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
        // Each field has them, too: there stand the words of its history.
        for field in fields_mut(&mut item.data) {
            field.attrs = vec![
                parse_quote!(#[event(#keys)]),
                parse_quote!(#[snapshot(#keys)]),
            ];
        }
        item.attrs = vec![
            parse_quote!(#[event(#keys)]),
            parse_quote!(#[aggregate(#keys)]),
            parse_quote!(#[aggregate_id(#keys)]),
            parse_quote!(#[snapshot(#keys)]),
            parse_quote!(#[projection(#keys)]),
            parse_quote!(#[reaction(#keys)]),
        ];
        for tokens in [
            crate::event(&item),
            crate::schema(&item),
            crate::aggregate(&item),
            crate::aggregate_id(&item),
            crate::snapshot(&item),
            crate::projection(&item),
            crate::reaction(&item),
        ] {
            let shown = quote!(#item).to_string();
            assert!(
                syn::parse2::<syn::File>(tokens).is_ok(),
                "no items for {shown}"
            );
            tried += 1;
        }
    }
    assert!(tried > 7 * 1000, "only {tried}");
}

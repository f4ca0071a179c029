//! How a value becomes one of another type: for each way the code that stands in the grammar, and code that does the same
//! in other words. `$` is the old value in both.

/// How a value becomes one of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing is said: `From`, also of each value in a container.
    From,
    /// `with`, or where the value is computed for another field.
    With,
    /// `try_with`.
    Try,
}

#[derive(Debug)]
pub(crate) struct Conversion {
    pub(crate) way: Way,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    /// What stands in the grammar, in a closure; for `Try` a `Result`.
    pub(crate) said: &'static str,
    /// A path that does the same.
    pub(crate) path: Option<&'static str>,
    /// The same in other words; for `Try` an `Option`.
    pub(crate) same: &'static str,
}

const fn way(
    way: Way,
    types: (&'static str, &'static str),
    said: &'static str,
    path: Option<&'static str>,
    same: &'static str,
) -> Conversion {
    Conversion {
        way,
        from: types.0,
        to: types.1,
        said,
        path,
        same,
    }
}

use Way::{From, Try, With};

pub(crate) const CONVERSIONS: &[Conversion] = &[
    way(From, ("u8", "u16"), "u16::from($)", None, "$ as u16"),
    way(From, ("u8", "u32"), "u32::from($)", None, "$ as u32"),
    way(From, ("u8", "u64"), "u64::from($)", None, "$ as u64"),
    way(From, ("u16", "u32"), "u32::from($)", None, "$ as u32"),
    way(From, ("u32", "u64"), "u64::from($)", None, "$ as u64"),
    way(From, ("u32", "i64"), "i64::from($)", None, "$ as i64"),
    way(From, ("u32", "f64"), "f64::from($)", None, "$ as f64"),
    way(
        From,
        ("bool", "u8"),
        "u8::from($)",
        None,
        "if $ { 1 } else { 0 }",
    ),
    way(
        From,
        ("u8", "Option<u8>"),
        "Some($)",
        None,
        "[$].into_iter().next()",
    ),
    way(
        From,
        ("String", "Option<String>"),
        "Some($)",
        None,
        "[$].into_iter().next()",
    ),
    way(
        From,
        ("String", "Box<str>"),
        "Box::from($)",
        None,
        "$.into_boxed_str()",
    ),
    way(
        From,
        ("Box<str>", "String"),
        "String::from($)",
        None,
        "$.into_string()",
    ),
    way(
        From,
        ("Option<u8>", "Option<u16>"),
        "$.map(u16::from)",
        None,
        "match $ { Some(x) => Some(x as u16), None => None }",
    ),
    way(
        From,
        ("Vec<u8>", "Vec<u16>"),
        "$.into_iter().map(u16::from).collect()",
        None,
        "{ let mut all = Vec::new(); for x in $ { all.push(x as u16); } all }",
    ),
    way(
        From,
        ("[u8; 2]", "[u16; 2]"),
        "$.map(u16::from)",
        None,
        "[$[0] as u16, $[1] as u16]",
    ),
    way(
        From,
        ("BTreeMap<String, u8>", "BTreeMap<String, u16>"),
        "$.into_iter().map(|(key, one)| (key, u16::from(one))).collect()",
        None,
        "{ let mut all = BTreeMap::new(); for (key, x) in $ { all.insert(key, x as u16); } all }",
    ),
    way(
        From,
        ("u32", "Cents"),
        "Cents::from($)",
        None,
        "Cents($ as u64)",
    ),
    way(From, ("Cents", "u64"), "u64::from($)", None, "$.0"),
    way(
        From,
        ("Currency", "String"),
        "String::from($)",
        None,
        "format!(\"{:?}\", $)",
    ),
    way(
        With,
        ("f64", "u64"),
        "($ * 100.0).round() as u64",
        None,
        "{ let cents: f64 = $ * 100.0; cents.round() as u64 }",
    ),
    way(
        With,
        ("Option<u8>", "u8"),
        "$.unwrap_or_default()",
        Some("Option::unwrap_or_default"),
        "match $ { Some(x) => x, None => 0 }",
    ),
    way(
        With,
        ("Option<String>", "String"),
        "$.unwrap_or_else(String::new)",
        Some("Option::unwrap_or_default"),
        "match $ { Some(x) => x, None => String::new() }",
    ),
    way(
        With,
        ("u64", "String"),
        "$.to_string()",
        Some("to_text::<u64>"),
        "format!(\"{}\", $)",
    ),
    way(
        With,
        ("bool", "String"),
        "{ if $ { \"yes\" } else { \"no\" }.to_owned() }",
        None,
        "String::from(match $ { true => \"yes\", false => \"no\" })",
    ),
    way(
        With,
        ("String", "u64"),
        "$.len() as u64",
        None,
        "$.bytes().count() as u64",
    ),
    way(
        With,
        ("u32", "u64"),
        "u64::from($) * 100",
        Some("hundredfold"),
        "($ as u64) * 10 * 10",
    ),
    way(
        With,
        ("u32", "u32"),
        "$.wrapping_mul(3)",
        None,
        "$.wrapping_add($).wrapping_add($)",
    ),
    way(With, ("u8", "u8"), "$ ^ 0xff", None, "!$"),
    way(
        With,
        ("String", "String"),
        "$.to_ascii_uppercase()",
        None,
        "$.chars().map(|c| c.to_ascii_uppercase()).collect()",
    ),
    way(With, ("u8", "bool"), "$ > 9", None, "!($ <= 9)"),
    way(
        With,
        ("Vec<u8>", "u64"),
        "$.iter().map(|one| u64::from(*one)).sum::<u64>()",
        None,
        "{ let mut sum = 0; for x in $ { sum += x as u64; } sum }",
    ),
    way(
        With,
        ("u16", "[u8; 2]"),
        "$.to_be_bytes()",
        Some("u16::to_be_bytes"),
        "[($ / 256) as u8, ($ % 256) as u8]",
    ),
    way(
        With,
        ("Vec<u16>", "Option<u16>"),
        "$.first().copied()",
        None,
        "$.into_iter().next()",
    ),
    way(
        With,
        ("[u16; 2]", "u32"),
        "u32::from($[0]) + u32::from($[1])",
        None,
        "$.iter().map(|x| *x as u32).sum()",
    ),
    way(
        Try,
        ("String", "u32"),
        "$.parse::<u32>()",
        Some("parse_u32"),
        "match $.parse() { Ok(x) => Some(x), Err(_) => None }",
    ),
    way(
        Try,
        ("String", "u8"),
        "{ $.parse::<u8>() }",
        None,
        "match $.parse() { Ok(x) => Some(x), Err(_) => None }",
    ),
    way(
        Try,
        ("u64", "u8"),
        "u8::try_from($)",
        Some("u8::try_from"),
        "if $ < 256 { Some($ as u8) } else { None }",
    ),
    way(
        Try,
        ("u64", "u32"),
        "u32::try_from($)",
        None,
        "if $ >> 32 == 0 { Some($ as u32) } else { None }",
    ),
    way(
        Try,
        ("u32", "u16"),
        "u16::try_from($)",
        None,
        "if $ < 65536 { Some($ as u16) } else { None }",
    ),
    way(
        Try,
        ("u16", "u8"),
        "u8::try_from($)",
        None,
        "if $ < 256 { Some($ as u8) } else { None }",
    ),
    way(
        Try,
        ("i64", "u32"),
        "u32::try_from($)",
        None,
        "if (0..=0xffff_ffff).contains(&$) { Some($ as u32) } else { None }",
    ),
    way(
        Try,
        ("u32", "u32"),
        "$.checked_mul(100).ok_or(\"too much\")",
        None,
        "if $ <= 42949672 { Some($ * 100) } else { None }",
    ),
    way(
        Try,
        ("Option<u8>", "u8"),
        "$.ok_or(\"nothing there\")",
        None,
        "$",
    ),
    way(
        Try,
        ("Option<u16>", "u16"),
        "$.ok_or_else(|| \"nothing there\".to_owned())",
        None,
        "$",
    ),
    way(
        Try,
        ("Box<str>", "u16"),
        "$.parse::<u16>()",
        None,
        "match $.parse() { Ok(x) => Some(x), Err(_) => None }",
    ),
    way(
        Try,
        ("String", "Currency"),
        "$.parse::<Currency>()",
        Some("parse_currency"),
        "match $.as_str() { \"Eur\" => Some(Currency::Eur), \"Usd\" => Some(Currency::Usd), _ => None }",
    ),
];

impl Conversion {
    /// What stands in the grammar, of a value.
    pub(crate) fn said(&self, value: &str) -> String {
        self.said.replace('$', value)
    }

    /// The same in other words.
    pub(crate) fn same(&self, value: &str) -> String {
        self.same.replace('$', value)
    }
}

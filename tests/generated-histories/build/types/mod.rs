//! The types that fields have, and values of them: the code that stands in the grammar, and code that does the same in
//! other words.

mod conversions;

pub(crate) use conversions::{CONVERSIONS, Conversion, Way};

/// A type that needs no history.
#[derive(Debug)]
pub(crate) struct Plain {
    pub(crate) name: &'static str,
    /// What `default = ..` says.
    pub(crate) value: &'static str,
    /// The same value in other words.
    pub(crate) same_value: &'static str,
    /// What `Default` gives, written out.
    pub(crate) empty: &'static str,
    /// Whether `{}` shows it.
    pub(crate) display: bool,
}

const fn plain(
    name: &'static str,
    value: &'static str,
    same_value: &'static str,
    empty: &'static str,
    display: bool,
) -> Plain {
    Plain {
        name,
        value,
        same_value,
        empty,
        display,
    }
}

pub(crate) const TYPES: &[Plain] = &[
    plain("u8", "7", "0x07", "0", true),
    plain("u16", "u16::MAX", "65535", "0", true),
    plain("u32", "1 + 2", "3", "0", true),
    plain("u64", "{ let ten = 10; ten * ten }", "100", "0", true),
    plain("i64", "-5", "0 - 5", "0", true),
    plain("f64", "0.5", "1.0 / 2.0", "0.0", false),
    plain("bool", "true", "!false", "false", true),
    plain(
        "String",
        "\"a, b\".to_owned()",
        "String::from(\"a, b\")",
        "String::new()",
        true,
    ),
    plain(
        "Box<str>",
        "Box::from(\"boxed\")",
        "String::from(\"boxed\").into_boxed_str()",
        "Box::from(\"\")",
        true,
    ),
    plain("Option<u8>", "Some(3)", "Some(2 + 1)", "None", false),
    plain("Option<u16>", "None::<u16>", "None", "None", false),
    plain(
        "Option<String>",
        "Some(String::new())",
        "Some(String::from(\"\"))",
        "None",
        false,
    ),
    plain(
        "Vec<u8>",
        "vec![1, 2]",
        "Vec::from([1, 2])",
        "Vec::new()",
        false,
    ),
    plain(
        "Vec<u16>",
        "(1..3).collect::<Vec<_>>()",
        "Vec::from([1, 2])",
        "Vec::new()",
        false,
    ),
    plain("[u8; 2]", "[1, 2]", "[1, 1 + 1]", "[0, 0]", false),
    plain("[u16; 2]", "[3; 2]", "[3, 3]", "[0, 0]", false),
    plain(
        "BTreeMap<String, u8>",
        "BTreeMap::<String, u8>::from([(\"a\".to_owned(), 1)])",
        "std::iter::once((String::from(\"a\"), 1)).collect()",
        "BTreeMap::new()",
        false,
    ),
    plain(
        "BTreeMap<String, u16>",
        "<BTreeMap<String, u16>>::new()",
        "BTreeMap::new()",
        "BTreeMap::new()",
        false,
    ),
    plain(
        "Currency",
        "Currency::Usd",
        "Currency::Usd",
        "Currency::Eur",
        false,
    ),
    plain("Cents", "Cents(5)", "Cents(2 + 3)", "Cents(0)", false),
];

/// How a value with a history of its own is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrap {
    Bare,
    Vec,
    Option,
    Box,
    Map,
    Array,
}

impl Wrap {
    pub(crate) const ALL: &[Self] = &[
        Self::Bare,
        Self::Vec,
        Self::Option,
        Self::Box,
        Self::Map,
        Self::Array,
    ];

    pub(crate) fn around(self, inner: &str) -> String {
        match self {
            Self::Bare => inner.to_owned(),
            Self::Vec => format!("Vec<{inner}>"),
            Self::Option => format!("Option<{inner}>"),
            Self::Box => format!("Box<{inner}>"),
            Self::Map => format!("BTreeMap<String, {inner}>"),
            Self::Array => format!("[{inner}; 2]"),
        }
    }
}

/// The type of a field at a version.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Type {
    Plain(&'static Plain),
    /// A value with a history, at one of its versions.
    Child {
        child: usize,
        version: usize,
        wrap: Wrap,
    },
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one.name == other.name,
            (
                Self::Child {
                    child,
                    version,
                    wrap,
                },
                Self::Child {
                    child: c,
                    version: v,
                    wrap: w,
                },
            ) => (child, version, wrap) == (c, v, w),
            _ => false,
        }
    }
}

impl Type {
    pub(crate) fn named(name: &str) -> Self {
        let plain = TYPES.iter().find(|plain| plain.name == name);
        Self::Plain(plain.unwrap_or_else(|| panic!("`{name}` is not in the table")))
    }

    /// The name of one without a history.
    pub(crate) fn plain(self) -> Option<&'static Plain> {
        match self {
            Self::Plain(plain) => Some(plain),
            Self::Child { .. } => None,
        }
    }
}

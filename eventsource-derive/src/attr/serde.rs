//! What serde's own attributes say. Whether they are right is for serde to tell.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Ident, LitStr, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::name;

/// One item of `#[serde(..)]`.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) key: Ident,
    /// The item whole, such as `rename = "x"`.
    pub(crate) tokens: TokenStream,
}

impl Item {
    pub(crate) fn is(&self, word: &str) -> bool {
        name::of(&self.key) == word
    }

    /// The key alone, as it was written.
    pub(crate) fn word(key: &Ident) -> Self {
        Self {
            key: key.clone(),
            tokens: key.to_token_stream(),
        }
    }

    pub(crate) fn key(&self) -> String {
        name::of(&self.key)
    }

    /// Whether it concerns writing only, so that an older shape does not need it.
    pub(crate) fn is_about_writing(&self) -> bool {
        const WRITING: &[&str] = &["serialize_with", "skip_serializing", "skip_serializing_if"];
        WRITING.iter().any(|word| self.is(word))
    }

    /// The texts that are given for reading: of `key = ".."`, or of `key(deserialize = "..")`.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = |tokens: TokenStream| -> Vec<String> {
            let tokens = tokens.into_iter();
            tokens
                .filter_map(|token| syn::parse2::<LitStr>(token.into()).ok())
                .map(|text| text.value())
                .collect()
        };
        let Some(inner) = self.inner() else {
            return texts(self.tokens.clone());
        };
        let items = list_of_items.parse2(inner).unwrap_or_default();
        let items = items.into_iter().filter(|item| item.is("deserialize"));
        items.flat_map(|item| texts(item.tokens)).collect()
    }

    /// The words in `not(with, default)`: attributes that a field did not have before.
    pub(crate) fn taken_away(&self) -> Option<Vec<Ident>> {
        if !self.is("not") {
            return None;
        }
        let items = list_of_items.parse2(self.inner()?).ok()?;
        Some(items.into_iter().map(|item| item.key).collect())
    }

    /// What stands in parentheses behind the key.
    fn inner(&self) -> Option<TokenStream> {
        match self.tokens.clone().into_iter().nth(1)? {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        }
    }

    /// Whether a value is given, as in `default = "path"`.
    pub(crate) fn has_value(&self) -> bool {
        self.tokens.clone().into_iter().count() > 1
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// The items of all `#[serde(..)]` among `attrs`; none of an attribute that serde itself refuses.
pub(crate) fn items(attrs: &[Attribute]) -> Vec<Item> {
    let lists = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("serde"))
        .filter_map(|attr| attr.meta.require_list().ok());
    lists
        .filter_map(|list| list_of_items.parse2(list.tokens.clone()).ok())
        .flatten()
        .collect()
}

/// Reads `rename = "x", default`, up to the end.
pub(super) fn list_of_items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let key: Ident = input.fork().call(Ident::parse_any)?;
        let mut tokens = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
        items.push(Item { key, tokens });
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(items)
}

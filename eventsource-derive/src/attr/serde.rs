//! What serde's own attributes say. Whether they are right is for serde to tell.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Ident, Token,
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

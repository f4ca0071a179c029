//! The derive and the core crate judge names alike, and say the same: a name that compiles can be stored, and the
//! reverse.

#[path = "../../../eventsource-derive/src/name.rs"]
#[expect(dead_code, reason = "only the rules are compared")]
mod name;

use eventsource_core::{Category, EventName, ProjectionName};

/// Every character of ASCII at each place of a name, some beyond it, and every length around the limits.
fn names() -> impl Iterator<Item = String> {
    let characters =
        (0..=127_u8)
            .map(char::from)
            .chain(['\u{e4}', '\u{11b}', '\u{2028}', '\u{1f600}']);
    let places = characters.flat_map(|c| [format!("{c}"), format!("{c}a"), format!("a{c}b")]);
    let lengths = (0..=130).flat_map(|length| ["a".repeat(length), "\u{e4}".repeat(length)]);
    places.chain(lengths)
}

#[test]
fn a_name_that_compiles_is_a_name_that_can_be_stored() {
    for text in names() {
        let core = EventName::new(text.as_str()).map(|name| name.to_string());
        let derive = name::EVENT.check(&text).map(|()| text.clone());
        assert_eq!(derive, core.map_err(|error| error.to_string()), "{text:?}");
    }
}

#[test]
fn a_category_that_compiles_is_a_category_that_can_be_stored() {
    for text in names() {
        let core = Category::new(text.as_str()).map(|name| name.to_string());
        let derive = name::CATEGORY.check(&text).map(|()| text.clone());
        assert_eq!(derive, core.map_err(|error| error.to_string()), "{text:?}");
    }
}

#[test]
fn the_name_of_a_projection_that_compiles_is_one_that_can_be_kept() {
    for text in names() {
        let core = ProjectionName::new(text.as_str()).map(|name| name.to_string());
        let core = core.map_err(|error| error.to_string());
        let projection = name::PROJECTION.check(&text).map(|()| text.clone());
        assert_eq!(projection, core, "{text:?}");
        let reaction = name::REACTION.check(&text).map(|()| text.clone());
        let core = core.map_err(|error| error.replace("projection", "reaction"));
        assert_eq!(reaction, core, "{text:?}");
    }
}

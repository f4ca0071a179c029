//! How serde calls a field or a variant under `rename_all`.

/// The stored name of a field, which is written in `snake_case`.
pub(super) fn of_field(case: Option<&str>, name: &str) -> String {
    let pascal = || -> String { name.split('_').map(capitalized).collect() };
    match case {
        Some("PascalCase") => pascal(),
        Some("camelCase") => uncapitalized(&pascal()),
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        // A case that serde does not know is an error of serde's.
        _ => name.to_owned(),
    }
}

/// The stored name of a variant, which is written in `PascalCase`.
pub(super) fn of_variant(case: Option<&str>, name: &str) -> String {
    let snake = || {
        let mut snake = String::new();
        for (index, c) in name.char_indices() {
            if index > 0 && c.is_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        snake
    };
    match case {
        Some("lowercase") => name.to_ascii_lowercase(),
        Some("UPPERCASE") => name.to_ascii_uppercase(),
        Some("camelCase") => uncapitalized(name),
        Some("snake_case") => snake(),
        Some("SCREAMING_SNAKE_CASE") => snake().to_ascii_uppercase(),
        Some("kebab-case") => snake().replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => snake().to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

fn capitalized(word: &str) -> String {
    first(word, |c| c.to_ascii_uppercase())
}

fn uncapitalized(word: &str) -> String {
    first(word, |c| c.to_ascii_lowercase())
}

fn first(word: &str, change: impl Fn(char) -> char) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(change)
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for (case, field, variant) in [
            ("lowercase", "foo_bar", "foobar"),
            ("UPPERCASE", "FOO_BAR", "FOOBAR"),
            ("PascalCase", "FooBar", "FooBar"),
            ("camelCase", "fooBar", "fooBar"),
            ("snake_case", "foo_bar", "foo_bar"),
            ("SCREAMING_SNAKE_CASE", "FOO_BAR", "FOO_BAR"),
            ("kebab-case", "foo-bar", "foo-bar"),
            ("SCREAMING-KEBAB-CASE", "FOO-BAR", "FOO-BAR"),
        ] {
            assert_eq!(of_field(Some(case), "foo_bar"), field);
            assert_eq!(of_variant(Some(case), "FooBar"), variant);
        }
        assert_eq!(of_field(None, "foo_bar"), "foo_bar");
        assert_eq!(of_variant(None, "FooBar"), "FooBar");
    }
}

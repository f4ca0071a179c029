//! The names that serde gives to fields and variants.

/// What serde calls a field in stored bytes under a rule of `rename_all`.
pub fn of_field(rule: Option<&str>, name: &str) -> String {
    match rule {
        Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => name.to_ascii_uppercase(),
        Some("PascalCase") => pascal(name),
        Some("camelCase") => lower_first(&pascal(name)),
        Some("kebab-case") => name.replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => name.to_ascii_uppercase().replace('_', "-"),
        // `lowercase` and `snake_case` are how fields are written.
        _ => name.to_owned(),
    }
}

/// A variant of an enum, under `rename_all`.
pub(super) fn of_variant(rule: Option<&str>, name: &str) -> String {
    match rule {
        Some("lowercase") => name.to_ascii_lowercase(),
        Some("UPPERCASE") => name.to_ascii_uppercase(),
        Some("camelCase") => lower_first(name),
        Some("snake_case") => snake(name),
        Some("SCREAMING_SNAKE_CASE") => snake(name).to_ascii_uppercase(),
        Some("kebab-case") => snake(name).replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => snake(name).to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_lowercase().to_string() + letters.as_str()
    })
}

fn pascal(name: &str) -> String {
    let mut out = String::new();
    let mut capital = true;
    for letter in name.chars() {
        match letter {
            '_' => capital = true,
            _ if capital => {
                out.push(letter.to_ascii_uppercase());
                capital = false;
            }
            _ => out.push(letter),
        }
    }
    out
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

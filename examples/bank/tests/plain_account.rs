//! The plain account is short, and says nothing but the domain.

/// Events, state, errors and commands of a plain account take at most so many lines.
const MOST_LINES: usize = 100;

/// What the domain may name of the framework, besides the derives.
const WORDS: [&str; 3] = ["Apply", "Handle", "Decision"];

#[test]
fn the_plain_account_fits_on_a_page() {
    let source = include_str!("../src/account.rs");
    let (domain, _tests) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
    let lines = domain.lines().map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    assert!(lines.len() <= MOST_LINES, "{} lines", lines.len());
    assert!(!domain.contains("rustfmt::skip"));
}

#[test]
fn the_plain_account_names_nothing_of_the_framework_but_what_it_must() {
    let source = include_str!("../src/account.rs");
    let prelude = include_str!("../../../eventsource-core/src/prelude.rs");
    let (_, names) = prelude.split_once('{').unwrap();
    let names: Vec<&str> = names
        .split(|c: char| !c.is_alphanumeric())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(
        names.contains(&"Repository"),
        "the prelude is read: {names:?}"
    );
    let lines = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    for line in lines.filter(|line| !line.starts_with("#[")) {
        if line == "use eventsource_core::prelude::*;" {
            continue;
        }
        assert!(!line.contains("eventsource"), "{line}");
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            let of_framework = names.contains(&word) && !WORDS.contains(&word);
            assert!(!of_framework, "`{word}` in: {line}");
        }
    }
}

//! The page that walks through this backend has all of its code, and no other; and the code is as short as it says.

const PAGE: &str = include_str!("../../../eventsource-testing/docs/write-a-backend.md");
const STORE: &str = include_str!("../src/lib.rs");
const SUITE: &str = include_str!("suite.rs");

/// The programs of the page, in order.
fn programs() -> Vec<String> {
    let mut programs: Vec<String> = Vec::new();
    let mut open = false;
    for line in PAGE.lines() {
        match line {
            "```rust,ignore" => {
                open = true;
                programs.push(String::new());
            }
            "```" => open = false,
            line if open => {
                let program = programs.last_mut().expect("one is open");
                program.push_str(line);
                program.push('\n');
            }
            _ => {}
        }
    }
    programs
}

#[test]
fn the_page_has_the_code_of_the_store_from_its_first_line_to_its_last() {
    let mut programs = programs();
    let suite = programs.pop().expect("the last one is the test file");
    assert_eq!(suite, SUITE);
    let (_, code) = STORE.split_once("\n\n").expect("docs, and then code");
    assert_eq!(programs.join("\n"), code);
}

#[test]
fn the_store_has_less_than_200_lines_of_code() {
    let lines = STORE.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert!(lines.clone().count() < 200, "{}", lines.count());
}

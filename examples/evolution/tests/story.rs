//! What the program prints.

use std::process::Command;

const EXPECTED: &str = include_str!("story.txt");

#[test]
fn the_program_prints_each_payload_as_it_is_today() {
    let output = Command::new(env!("CARGO_BIN_EXE_evolution"))
        .output()
        .expect("the program runs");
    let (printed, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{errors}");
    for (line, (printed, expected)) in printed.lines().zip(EXPECTED.lines()).enumerate() {
        assert_eq!(printed, expected, "line {}", line + 1);
    }
    assert_eq!(printed.lines().count(), EXPECTED.lines().count());
}

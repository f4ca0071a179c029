//! The bank.
fn main() {}

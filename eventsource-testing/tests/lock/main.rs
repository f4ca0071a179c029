//! The lock: what it catches, what it lets pass, what it writes, and what it says.
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes the expected texts so"
)]
#![expect(
    dead_code,
    reason = "nobody reads the events of the table: their shapes are looked at"
)]

mod file;
mod harmful;
mod harmless;
mod line;
mod mended;
mod payloads;
mod support;

use eventsource_testing::lock::ChangeKind as Kind;

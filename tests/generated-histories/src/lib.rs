//! Hundreds of histories of events, made at random: what each version wrote must become what conversions that were
//! written out without the grammar make of it, read as the event, as a value in one, and through the tables of
//! aggregates. The build script writes them, `tests/histories.rs` runs them, `tests/broken.rs` shows what is caught.
//!
//! What is not in them: `shape`, `opaque`, `oldest`, and serde's `default`, `flatten` and `with`.

mod case;
mod random;
mod table;
mod values;

pub use case::{Case, Failed, Tally, value};
pub use random::Random;
pub use table::Table;
pub use values::{Any, Cents, Currency, hundredfold, parse_currency, parse_u32, to_text};

//! Hundreds of histories of events, made at random: what each version wrote must become what conversions that were
//! written out without the grammar make of it. The build script writes them, `tests/histories.rs` runs them.

mod case;
mod random;
mod values;

pub use case::{Case, Failed, Tally, value};
pub use random::Random;
pub use values::{Any, Cents, Currency, hundredfold, parse_currency, parse_u32, to_text};

//! What the tests of the program have in common: children that are killed, and databases that are harmed.

pub(crate) mod child;
pub(crate) mod harms;

//! Changes that would read what is stored as something else, or not at all: each is refused with the attribute to write.

mod alone;
mod categories;
mod fields;
mod guesses;
mod told;
mod values;
mod versions;

//! Checks of a whole history.

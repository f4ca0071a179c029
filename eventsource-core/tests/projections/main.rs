//! Projections and reactions as the derives make them, without a runner.

mod domain;
mod kinds;

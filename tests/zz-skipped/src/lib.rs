//! What `cargo test --workspace` skips, said in its last lines.
//!
//! Cargo runs the examples of the documentation after all other tests, package by package, and prints of each example
//! its path and whether it is ignored. So the last thing that it prints is an example of the last package which is
//! ignored, and whose path is the reason. It is there exactly where something is skipped.
//!
//! The skipped tests say so themselves where they run: in `examples/bank` and `examples/evolution`, under the name
//! `zz_real_data`.

/// The tests of the package `bank` with a real ledger.
#[cfg(without_real_data)]
pub mod bank_with_a_real_ledger {
    /// They are skipped.
    pub mod is_skipped {
        /// ```ignore
        /// println!("EVENTSOURCE_REAL_DATA=<folder> cargo test --workspace runs them");
        /// ```
        #[expect(non_snake_case, reason = "the variable is written as it is set")]
        pub mod because_EVENTSOURCE_REAL_DATA_is_not_set {}
    }
}

/// The tests of the package `evolution` with the published payloads.
#[cfg(without_real_data)]
pub mod evolution_with_published_payloads {
    /// They are skipped.
    pub mod is_skipped {
        /// ```ignore
        /// println!("EVENTSOURCE_REAL_DATA=<folder> cargo test --workspace runs them");
        /// ```
        #[expect(non_snake_case, reason = "the variable is written as it is set")]
        pub mod because_EVENTSOURCE_REAL_DATA_is_not_set {}
    }
}

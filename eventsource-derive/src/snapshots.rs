//! What each derive expands to, as formatted Rust files under `tests/expand`.

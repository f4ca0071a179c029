//! Which ids a backend needs at the least to be called supported.

/// What the suite has for an id of the minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Minimum {
    /// A case.
    Case,
    /// No case before the contract has what is named here.
    Later(&'static str),
}

const DELETED: Minimum = Minimum::Later("streams cannot be deleted yet");

/// The ids that are the least a backend has to pass.
pub const MINIMUM: &[(&str, Minimum)] = &[
    ("A-01", Minimum::Case),
    ("A-02", Minimum::Case),
    ("A-03", Minimum::Case),
    ("A-04", Minimum::Case),
    ("A-05", Minimum::Case),
    ("A-06", Minimum::Case),
    ("A-07", Minimum::Case),
    ("A-08", Minimum::Case),
    ("A-09", Minimum::Case),
    ("C-01", Minimum::Case),
    ("C-02", Minimum::Case),
    ("C-03", Minimum::Case),
    ("C-04", Minimum::Case),
    ("C-05", Minimum::Case),
    ("C-06", Minimum::Case),
    ("C-07", Minimum::Case),
    ("C-08", Minimum::Case),
    ("C-09", DELETED),
    ("C-10", DELETED),
    ("C-11", DELETED),
    ("C-12", DELETED),
    ("C-13", DELETED),
    ("C-14", DELETED),
    ("C-15", DELETED),
    ("C-16", DELETED),
    ("C-17", Minimum::Case),
    ("C-18", Minimum::Case),
    ("C-19", Minimum::Case),
    ("C-20", Minimum::Case),
    ("C-21", Minimum::Case),
    ("C-22", Minimum::Case),
    ("I-01", Minimum::Case),
    ("I-02", Minimum::Case),
    ("I-03", Minimum::Case),
    ("I-11", Minimum::Case),
    ("R-01", Minimum::Case),
    ("R-02", Minimum::Case),
    ("R-03", Minimum::Case),
    ("R-04", Minimum::Case),
    ("R-05", Minimum::Case),
    ("R-06", Minimum::Case),
    ("G-01", Minimum::Case),
    ("G-02", Minimum::Case),
    ("G-03", Minimum::Case),
    ("G-05", Minimum::Case),
    ("S-01", Minimum::Case),
    ("S-02", Minimum::Case),
    ("S-03", Minimum::Case),
    ("S-07", Minimum::Case),
    ("S-15", Minimum::Case),
    ("S-22", Minimum::Case),
    ("S-23", Minimum::Case),
    ("S-24", Minimum::Case),
    ("S-25", Minimum::Case),
    ("D-04", Minimum::Later("streams cannot be cut off yet")),
    ("N-01", Minimum::Later("stores keep no snapshots yet")),
    ("N-04", Minimum::Later("stores keep no snapshots yet")),
    ("T-03", Minimum::Case),
    ("T-04", Minimum::Case),
    ("T-08", Minimum::Case),
];

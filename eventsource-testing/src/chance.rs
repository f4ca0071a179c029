//! Numbers that look random and are the same in every run.

/// What becomes of a number when its bits are mixed (the finish of splitmix64).
pub(crate) const fn mixed(number: u64) -> u64 {
    let mut mixed = number;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The step from one state to the next.
pub(crate) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

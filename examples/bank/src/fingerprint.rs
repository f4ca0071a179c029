//! What tells one file from another.

use std::fmt;

use eventsource_core::Schema;
use serde::{Deserialize, Serialize};

/// The 128-bit FNV-1a hash of a file's bytes, as 32 hexadecimal digits.
///
/// It tells files apart that differ by mistake. It is no seal: whoever wants to can make two files of one fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(transparent)]
pub struct Fingerprint(String);

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl Fingerprint {
    /// The fingerprint of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let hash = bytes.iter().fold(OFFSET, |hash, byte| {
            (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
        });
        Self(format!("{hash:032x}"))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_the_published_function() {
        // The vectors of the function's authors for no bytes and for one.
        let none = Fingerprint::of(b"").to_string();
        assert_eq!(none, "6c62272e07bb014262b821756295c58d");
        let one = Fingerprint::of(b"a").to_string();
        assert_eq!(one, "d228cb696f1a8caf78912b704e4a8964");
    }
}

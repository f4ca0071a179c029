//! Snapshots compressed by zstd.

use zstd::{
    bulk::{Compressor, Decompressor},
    zstd_safe::get_frame_content_size,
};

use super::codec::{Compression, SnapshotCodecError};

/// Makes the bytes of snapshots fewer with zstd. What was stored can be read whatever the level is now.
///
/// The bytes carry a checksum, so that damage is an error and no other state. What they claim to be is looked at before
/// any of it is read, so that no snapshot takes more memory than its limit.
///
/// ```
/// use eventsource_core::snapshot::{Compression, Zstd};
///
/// let zstd = Zstd::level(9);
/// let stored = zstd.compress(&[7; 10_000])?;
/// assert!(stored.len() < 100);
/// assert_eq!(zstd.decompress(&stored, 10_000)?, [7; 10_000]);
/// assert!(zstd.decompress(&stored, 9_999).is_err());
/// # Ok::<(), eventsource_core::snapshot::SnapshotCodecError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zstd {
    level: u8,
}

impl Zstd {
    const FASTEST: u8 = 1;
    const SMALLEST: u8 = 22;

    /// At a level from 1, which is the fastest, to 22, which gives the fewest bytes; what is beyond is taken as the
    /// nearest of them. The highest take many times the memory and the time of the default while they compress.
    pub fn level(level: u8) -> Self {
        Self {
            level: level.clamp(Self::FASTEST, Self::SMALLEST),
        }
    }
}

/// Level 3, zstd's own choice.
impl Default for Zstd {
    fn default() -> Self {
        Self::level(3)
    }
}

impl Compression for Zstd {
    fn name(&self) -> &'static str {
        "zstd"
    }

    fn compress(&self, bytes: &[u8]) -> Result<Vec<u8>, SnapshotCodecError> {
        let compressed = || {
            let mut compressor = Compressor::new(i32::from(self.level))?;
            compressor.include_checksum(true)?;
            compressor.compress(bytes)
        };
        compressed().map_err(|error| {
            SnapshotCodecError::new("the bytes cannot be compressed").because(error)
        })
    }

    fn decompress(&self, bytes: &[u8], limit: usize) -> Result<Vec<u8>, SnapshotCodecError> {
        let claimed = get_frame_content_size(bytes)
            .map_err(|_| SnapshotCodecError::new("these are no bytes of zstd"))?
            .ok_or_else(|| {
                SnapshotCodecError::new("the bytes do not say how many they are without zstd")
            })?;
        let Some(length) = usize::try_from(claimed)
            .ok()
            .filter(|length| *length <= limit)
        else {
            return Err(SnapshotCodecError::new(format!(
                "the bytes are {claimed} without zstd, and may be {limit}"
            )));
        };
        let mut plain = Vec::new();
        plain.try_reserve_exact(length).map_err(|error| {
            SnapshotCodecError::new(format!("there is no memory for {length} bytes")).because(error)
        })?;
        // It writes no more than there is room for.
        let read =
            Decompressor::new().and_then(|mut zstd| zstd.decompress_to_buffer(bytes, &mut plain));
        let read =
            read.map_err(|error| SnapshotCodecError::new("the bytes are damaged").because(error))?;
        if read != length {
            return Err(SnapshotCodecError::new(format!(
                "the bytes are {read} without zstd, and claim to be {length}"
            )));
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Vec<u8> {
        (0..5_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect()
    }

    #[test]
    fn what_was_compressed_is_what_it_was_at_every_level() {
        for level in [0, 1, 3, 9, 22, 255] {
            let zstd = Zstd::level(level);
            for plain in [Vec::new(), vec![0], state()] {
                let stored = zstd.compress(&plain).unwrap();
                assert_eq!(
                    Zstd::default().decompress(&stored, plain.len()).unwrap(),
                    plain
                );
            }
        }
        assert!(Zstd::default().compress(&state()).unwrap().len() < state().len() / 4);
    }

    #[test]
    fn a_level_that_zstd_does_not_have_is_the_nearest() {
        assert_eq!(Zstd::level(0), Zstd::level(1));
        assert_eq!(Zstd::level(255), Zstd::level(22));
        assert_eq!(Zstd::default(), Zstd::level(3));
        assert!(zstd::compression_level_range().contains(&22));
    }

    #[test]
    fn one_byte_more_than_the_limit_is_an_error() {
        let zstd = Zstd::default();
        let stored = zstd.compress(&state()).unwrap();
        assert!(zstd.decompress(&stored, state().len()).is_ok());
        let error = zstd.decompress(&stored, state().len() - 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the bytes are 20000 without zstd, and may be 19999"
        );
    }

    #[test]
    fn no_damaged_byte_gives_another_state() {
        let zstd = Zstd::default();
        let (plain, stored) = (state(), zstd.compress(&state()).unwrap());
        let mut seen = 0;
        for place in 0..stored.len() {
            for bit in 0..8 {
                let mut damaged = stored.clone();
                damaged[place] ^= 1 << bit;
                match zstd.decompress(&damaged, plain.len()) {
                    Ok(read) => assert_eq!(read, plain, "bit {bit} of byte {place}"),
                    Err(_) => seen += 1,
                }
            }
        }
        assert!(seen > stored.len() * 7, "{seen} of {}", stored.len() * 8);
    }

    #[test]
    fn bytes_that_are_cut_off_or_no_zstd_at_all_are_errors() {
        let zstd = Zstd::default();
        let stored = zstd.compress(&state()).unwrap();
        for end in 0..stored.len() {
            assert!(
                zstd.decompress(&stored[..end], usize::MAX).is_err(),
                "{end}"
            );
        }
        assert!(zstd.decompress(b"{\"cents\":5}", usize::MAX).is_err());
        let two = [stored.clone(), stored].concat();
        assert!(zstd.decompress(&two, usize::MAX).is_err());
    }

    #[test]
    fn what_claims_to_be_huge_takes_no_memory() {
        let zstd = Zstd::default();
        // A frame of one segment that claims to be 2^62 bytes, and has none.
        let mut hostile = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
        hostile.extend((1_u64 << 62).to_le_bytes());
        hostile.extend([1, 0, 0]);
        assert!(zstd.decompress(&hostile, 1 << 20).is_err());
        // Also where nothing is too much for the caller.
        assert!(zstd.decompress(&hostile, usize::MAX).is_err());
        // A frame that says nothing of its length.
        let silent = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 1, 0, 0];
        let error = zstd.decompress(&silent, 1 << 20).unwrap_err();
        assert!(error.to_string().contains("do not say"), "{error}");
    }

    #[test]
    fn a_bomb_is_stopped_at_its_limit() {
        let zstd = Zstd::default();
        let stored = zstd.compress(&vec![0; 1 << 24]).unwrap();
        assert!(stored.len() < 1 << 12);
        assert!(zstd.decompress(&stored, 1 << 20).is_err());
        // The same, claiming to be as little as is allowed.
        let mut lying = stored;
        let claim = lying
            .windows(4)
            .position(|bytes| bytes == (1_u32 << 24).to_le_bytes());
        let claim = claim.expect("the frame has its length in four bytes");
        lying[claim..claim + 4].copy_from_slice(&(1_u32 << 20).to_le_bytes());
        assert!(zstd.decompress(&lying, 1 << 20).is_err());
    }
}

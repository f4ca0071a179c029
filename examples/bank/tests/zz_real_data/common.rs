//! What the tests with a real ledger have in common.

use std::{
    env,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};
use real_data::say;

const SEED: &str = "EVENTSOURCE_SEED";

/// Runs the asynchronous part of a test.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// A number by chance, the `index`-th of this run's seed. The seed is printed, and `EVENTSOURCE_SEED` repeats it.
pub(crate) fn chance(index: u64) -> Result<u64> {
    static CHOSEN: OnceLock<u64> = OnceLock::new();
    let given = env::var(SEED).ok().map(|seed| seed.parse::<u64>());
    let given = given
        .transpose()
        .with_context(|| format!("{SEED} is no number"))?;
    let seed = *CHOSEN.get_or_init(|| {
        // The seeds of the standard library's hash maps come from the system.
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        say(&format!("{SEED}={seed}"));
        seed
    });
    let mixed =
        (seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    Ok((mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16)
}

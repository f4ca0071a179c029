//! What is kept of a projection that goes with appends, and whether this code may go on with it. The rule is the runner's.

use eventsource_core::{Generation, StoredGeneration, StoredProjection, projection::Definition};

use crate::error::Unfit;

/// The generation that this code has begun: the one that is read, or one that is to follow it. None where it has yet to
/// begin one.
///
/// What a runner has parked is delivered by a runner, and what follows it comes after it: nothing is gone on with past that.
pub(super) fn own<'a>(
    found: Option<&'a StoredProjection>,
    definition: &Definition,
) -> Result<Option<&'a StoredGeneration>, Unfit> {
    let Some(found) = found else {
        return Ok(None);
    };
    let code = definition.version();
    let is_own = |one: &&StoredGeneration| {
        one.version == code && one.fingerprint == definition.fingerprint()
    };
    match found.live() {
        Some(live) if live.version > code => {
            let stored = live.version;
            return Err(Unfit::Superseded { stored, code });
        }
        Some(live) if is_own(&live) && live.parked > 0 => {
            let parked = live.parked;
            return Err(Unfit::Parked { parked });
        }
        Some(live) if is_own(&live) => return Ok(Some(live)),
        Some(live) if live.version == code => return Err(Unfit::Redefined { version: code }),
        _ => {}
    }
    // Nobody reads these yet: another one has all of it at once.
    let is_whole = |one: &&StoredGeneration| one.parked == 0 && is_own(one);
    Ok(found.generations.iter().rev().find(is_whole))
}

/// Those that nobody goes on with once this one is read. Newer code goes on with its own.
pub(super) fn outdated(
    found: Option<&StoredProjection>,
    definition: &Definition,
    read: Generation,
) -> Vec<Generation> {
    let all = found.map_or(&[][..], |found| &found.generations);
    let goes =
        |one: &&StoredGeneration| one.generation != read && one.version <= definition.version();
    all.iter().filter(goes).map(|one| one.generation).collect()
}

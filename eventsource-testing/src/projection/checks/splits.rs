//! Other batches.

use super::{Base, Found, delivered};
use crate::{
    chance::{STEP, mixed},
    projection::check::{Checks, ProjectionCheck},
};

/// So many splits are tried at the most.
const MOST: u64 = 64;

/// The events in all batches that they can come in, or in some.
pub(super) fn splits(base: &Base<'_>, checks: &mut Checks) -> Found {
    let gaps = base.count - 1;
    if gaps == 0 {
        let why = "one event comes in one batch";
        checks.no_subject(ProjectionCheck::Splits, why);
        return Ok(());
    }
    checks.looked(ProjectionCheck::Splits);
    let all = 1_u64.checked_shl(u32::try_from(gaps).unwrap_or(u32::MAX));
    match all {
        Some(all) if all <= MOST => {
            for split in 0..all {
                played(base, |gap| split >> gap & 1 == 1)?;
            }
        }
        _ => {
            let all = format!("2^{gaps}");
            checks.limit(
                ProjectionCheck::Splits,
                format!("{MOST} of {all} splits were tried, drawn by a fixed seed"),
            );
            // One batch, and each event alone.
            played(base, |_| false)?;
            played(base, |_| true)?;
            let mut state = 0_u64;
            for _ in 2..MOST {
                let cuts: Vec<bool> = (0..gaps)
                    .map(|_| {
                        state = state.wrapping_add(STEP);
                        mixed(state) & 1 == 1
                    })
                    .collect();
                played(base, |gap| cuts[gap])?;
            }
        }
    }
    Ok(())
}

/// The events in the batches between which there is a cut.
fn played(base: &Base<'_>, is_cut: impl Fn(usize) -> bool) -> Found {
    let mut ends: Vec<usize> = (1..base.count).filter(|end| is_cut(end - 1)).collect();
    ends.push(base.count);
    let mut sizes = Vec::new();
    let mut last = 0;
    for end in &ends {
        sizes.push((end - last).to_string());
        last = *end;
    }
    let how = format!("delivered in batches of {}", sizes.join(", "));
    let mut world = base.world()?;
    let mut begin = 0;
    for end in ends {
        delivered(&how, world.deliver(begin..end))?;
        begin = end;
    }
    base.same(&how, &world.player.see())
}

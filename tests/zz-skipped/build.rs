//! Finds out whether the tests with real data are skipped.

use std::{
    env,
    io::{Result, Write as _, stdout},
};

const DATA: &str = "EVENTSOURCE_REAL_DATA";

fn main() -> Result<()> {
    let mut cargo = stdout();
    writeln!(cargo, "cargo::rerun-if-changed=build.rs")?;
    writeln!(cargo, "cargo::rerun-if-env-changed={DATA}")?;
    writeln!(cargo, "cargo::rustc-check-cfg=cfg(without_real_data)")?;
    if env::var_os(DATA).is_none() {
        writeln!(cargo, "cargo::rustc-cfg=without_real_data")?;
    }
    Ok(())
}

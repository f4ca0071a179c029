//! The bank's program: see `--help`, and the library for all of it.

use bank::{cli::Cli, run::run};
use clap::Parser as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run(&Cli::parse(), std::io::stdout()).await
}

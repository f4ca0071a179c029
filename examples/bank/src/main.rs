//! The bank's program: see `--help`, and the library for all of it.

use std::{
    io::{Write as _, stderr, stdout},
    process::ExitCode,
};

use bank::{cli::Cli, run::run};
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Cli::parse(), stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed too, the exit code alone has to tell.
            drop(writeln!(stderr(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

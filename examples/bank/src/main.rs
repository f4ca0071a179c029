//! The bank's program: see `--help`, and the library for all of it.

use std::{
    io::{self, Write as _, stderr, stdout},
    process::ExitCode,
};

use bank::{cli::Cli, run::run};
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Cli::parse(), stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who closes stdout, as `head` does, has seen enough. Where stderr is closed too, the code has to tell.
            if !is_broken_pipe(&error) {
                drop(writeln!(stderr(), "error: {error:#}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

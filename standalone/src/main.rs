//! `pile-ops`: the whole platform on one machine in one command.

use std::{error::Error, process::ExitCode};

use clap::Parser;
use standalone::{
    cli::{Cli, Command},
    sql, status, tail, up,
};

// One thread, and that the main one: the kernel ends children with the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome: Result<(), Box<dyn Error>> = match Cli::parse().command {
        Command::Up(args) => up::up(&args).await.map_err(Into::into),
        Command::Status(args) => status::status(&args).await.map_err(Into::into),
        Command::Tail(args) => tail::tail(&args).await.map_err(Into::into),
        Command::Sql(args) => sql::sql(&args).await.map_err(Into::into),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pile-ops: {error}");
            ExitCode::FAILURE
        }
    }
}

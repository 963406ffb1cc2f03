//! `chdbd`: reads the command line, serves until SIGTERM or Ctrl-C.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chdbd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<()> {
    let cli = chdbd::Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_new(&cli.log).context("--log")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(64)
        .thread_keep_alive(Duration::from_secs(30))
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(&cli));
    // A statement that ignored the deadline must not hold the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

async fn serve(cli: &chdbd::Cli) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    Ok(chdbd::run(
        cli.config(),
        |address| println!("ready on http://{address}"),
        shutdown,
    )
    .await?)
}

//! `connector`: reads its configuration, then works.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use common::EXIT_BAD_CONFIG;
use common::config::ConfigArgs;
use common::shutdown::Shutdown;
use common::telemetry;
use connector::{Config, DEFAULTS};

/// Works on batches of commands, recurring jobs, logs, packages and campaigns.
#[derive(Debug, Parser)]
#[command(name = "connector", version)]
struct Arguments {
    #[command(flatten)]
    config: ConfigArgs,
}

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Arguments::parse().config.load::<Config>(DEFAULTS) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::init(&config.log) {
        // There is no log yet to say it in.
        eprintln!("{:#}", anyhow::Error::from(error));
        return ExitCode::from(EXIT_BAD_CONFIG);
    }
    match work(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn work(config: Config) -> anyhow::Result<()> {
    let metrics = telemetry::install_metrics().context("cannot start metrics")?;
    let shutdown = Shutdown::on_signals().context("cannot listen for signals")?;
    Ok(connector::run(config, metrics, shutdown).await?)
}

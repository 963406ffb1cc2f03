//! `register`: reads its configuration, then serves, or provides what one machine needs.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use common::EXIT_BAD_CONFIG;
use common::config::ConfigArgs;
use common::shutdown::Shutdown;
use common::telemetry;
use register::provision::{self, ProvisionArgs};
use register::{Config, DEFAULTS};

/// Registers piles, and says who may do what at the broker.
#[derive(Debug, Parser)]
#[command(name = "register", version)]
struct Arguments {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the accounts of services and the file of Mosquitto's plugin, then end
    Provision(ProvisionArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match arguments.config.load::<Config>(DEFAULTS) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::init(&config.log) {
        // There is no log yet to say it in.
        eprintln!("{:#}", anyhow::Error::from(error));
        return ExitCode::from(EXIT_BAD_CONFIG);
    }
    let outcome = match arguments.command {
        Some(Command::Provision(args)) => provide(&args, &config).await,
        None => serve(config).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = telemetry::install_metrics().context("cannot start metrics")?;
    let shutdown = Shutdown::on_signals().context("cannot listen for signals")?;
    Ok(register::run(config, metrics, shutdown).await?)
}

async fn provide(args: &ProvisionArgs, config: &Config) -> anyhow::Result<()> {
    let accounts = provision::provision(args, config).await?;
    tracing::info!(accounts, "the broker's accounts are provided");
    Ok(())
}

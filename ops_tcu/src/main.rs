//! `ops_tcu`: reads its configuration, starts the service, stops it in order.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use common::EXIT_BAD_CONFIG;
use common::config::ConfigArgs;
use common::shutdown::Shutdown;
use common::telemetry;
use ops_tcu::config::{Config, DEFAULTS};

/// Takes in what piles say over MQTT, makes it durable, confirms it.
#[derive(Debug, Parser)]
#[command(name = "ops_tcu", version)]
struct Arguments {
    #[command(flatten)]
    config: ConfigArgs,
}

fn main() -> ExitCode {
    let config = match Arguments::parse().config.load::<Config>(DEFAULTS) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if let Err(error) = telemetry::init(&config.log) {
        // There is no log yet to say it in.
        eprintln!("{:#}", anyhow::Error::from(error));
        return ExitCode::from(EXIT_BAD_CONFIG);
    }
    match actix::System::new().block_on(serve(config)) {
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
    Ok(ops_tcu::run(config, metrics, shutdown).await?)
}

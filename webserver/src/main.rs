//! `webserver`: the web API as a program.

use std::process::ExitCode;

use clap::Parser;
use common::{config::ConfigArgs, shutdown::Shutdown, telemetry};

/// The web API of the charging-pile operations platform.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// Print the OpenAPI document and exit; needs no server
    #[arg(long)]
    openapi: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    if args.openapi {
        println!("{:#}", webserver::openapi_document());
        return ExitCode::SUCCESS;
    }
    let config = match args.config.load(webserver::DEFAULTS) {
        Ok(config) => config,
        Err(code) => return code,
    };
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("webserver: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: webserver::Config) -> anyhow::Result<()> {
    telemetry::init(&config.log)?;
    let metrics = telemetry::install_metrics()?;
    let shutdown = Shutdown::on_signals()?;
    Ok(webserver::run(config, metrics, shutdown).await?)
}

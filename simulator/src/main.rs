//! `tcu_sim`: reads the command line, runs, reports, and says by its exit code whether anything is missing.

use std::process::ExitCode;

use clap::Parser;
use common::shutdown::Shutdown;
use simulator::{BadOptions, Options, Report};

/// `EX_USAGE` of sysexits.
const BAD_OPTIONS: u8 = 64;

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => {
            let code = if error.use_stderr() { BAD_OPTIONS } else { 0 };
            // Help that nobody reads (a closed pipe) is no failure.
            drop(error.print());
            return code.into();
        }
    };
    match simulate(options) {
        Ok(report) => report.exit_code().into(),
        Err(error) => {
            eprintln!("tcu_sim: {error:#}");
            if error.is::<BadOptions>() {
                BAD_OPTIONS.into()
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

#[tokio::main]
async fn simulate(options: Options) -> anyhow::Result<Report> {
    let shutdown = Shutdown::on_signals()?;
    let (json, records, quiet) = (options.json.clone(), options.records.clone(), options.quiet);
    let commands = options.acting.commands.clone();
    let report = simulator::run(options, shutdown).await?;
    if !quiet {
        eprint!("{}", report.text());
    }
    if let Some(path) = json {
        report.write_json(&path)?;
    }
    if let Some(path) = records {
        report.write_records(&path)?;
    }
    if let Some(path) = commands {
        report.write_commands(&path)?;
    }
    Ok(report)
}

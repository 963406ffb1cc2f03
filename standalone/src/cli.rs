//! The command line of `pile-ops`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::plan::Ports;

/// The charging-pile operations platform on one machine.
#[derive(Debug, Parser)]
#[command(name = "pile-ops", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start everything and keep it running until Ctrl-C
    Up(UpArgs),
    /// Show what runs, how it is, and how much it has stored
    Status(Running),
    /// Show live what piles and platform say to each other
    Tail(TailArgs),
    /// Run one query against the running ClickHouse
    Sql(SqlArgs),
}

/// Which running platform is meant.
#[derive(Debug, Args)]
pub struct Running {
    /// Folder of all data, logs and run files
    #[arg(long, value_name = "DIR", default_value = "var")]
    pub data_dir: PathBuf,
}

/// Options of `up`. Port 0 is any free one.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Folder of all data, logs and run files
    #[arg(long, value_name = "DIR", default_value = "var")]
    pub data_dir: PathBuf,
    /// Where piles and staff reach the broker
    #[arg(long, value_name = "PORT", default_value_t = 1883)]
    pub mqtt_port: u16,
    /// Where piles and staff reach the broker over TLS
    #[arg(long, value_name = "PORT", default_value_t = 8883)]
    pub mqtts_port: u16,
    /// Where the web API answers
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    pub web_port: u16,
    /// Where ClickHouse answers (HTTP)
    #[arg(long, value_name = "PORT", default_value_t = 8123)]
    pub clickhouse_port: u16,
    /// Where Redis answers
    #[arg(long, value_name = "PORT", default_value_t = 6379)]
    pub redis_port: u16,
    /// Where register answers staff (HTTP)
    #[arg(long, value_name = "PORT", default_value_t = 8090)]
    pub register_port: u16,
    /// Where piles fetch packages and bring logs (FTP)
    #[arg(long, value_name = "PORT", default_value_t = 2121)]
    pub ftp_port: u16,
    /// Run this many simulated piles as well
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub simulate: u32,
    /// A further name or address under which clients reach this machine, for the broker's certificate; may be repeated
    #[arg(long, value_name = "NAME")]
    pub tls_name: Vec<String>,
    /// Let piles in that have no password yet, until the fleet has been moved; they may then speak under any uuid
    #[arg(long)]
    pub open: bool,
}

impl UpArgs {
    /// The ports as asked for; those of metrics are chosen by the program.
    pub fn ports(&self) -> Ports {
        Ports {
            mqtt: self.mqtt_port,
            mqtts: self.mqtts_port,
            web: self.web_port,
            clickhouse: self.clickhouse_port,
            redis: self.redis_port,
            register: self.register_port,
            ftp: self.ftp_port,
            metrics: 0,
            register_metrics: 0,
            connector_metrics: 0,
        }
    }
}

/// Options of `tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Only this pile, for example AAAAALFW
    pub uuid: Option<String>,
    /// Which platform
    #[command(flatten)]
    pub running: Running,
}

/// Options of `sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// One statement, for example "SELECT count() FROM run_data"
    pub query: String,
    /// Which platform
    #[command(flatten)]
    pub running: Running,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

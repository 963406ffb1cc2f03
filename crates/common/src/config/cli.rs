//! The two command-line options every service has about its configuration.

use std::{error::Error, path::PathBuf, process::ExitCode};

use serde::de::DeserializeOwned;

use super::{ConfigError, load};
use crate::EXIT_BAD_CONFIG;

/// `--config FILE` and `--check-config`; flatten it into the service's own clap struct.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConfigArgs {
    /// Configuration file (TOML) over the built-in defaults; `OPS__SECTION__KEY` goes over both
    #[arg(long, value_name = "FILE", env = "OPS_CONFIG")]
    pub config: Option<PathBuf>,
    /// Check the configuration, say what is wrong with it, and exit (0 good, 64 bad)
    #[arg(long)]
    pub check_config: bool,
}

impl ConfigArgs {
    /// The configuration, or the code with which `main` must return: 64 with the reasons on stderr,
    /// or 0 after a `--check-config` that found nothing wrong.
    ///
    /// # Errors
    /// The exit code, as above.
    pub fn load<T: DeserializeOwned>(&self, defaults_toml: &str) -> Result<T, ExitCode> {
        match load(defaults_toml, self.config.as_deref(), "OPS") {
            Ok(_) if self.check_config => {
                println!("configuration ok");
                Err(ExitCode::SUCCESS)
            }
            Ok(config) => Ok(config),
            Err(error) => {
                eprintln!("{}", chain(&error));
                Err(ExitCode::from(EXIT_BAD_CONFIG))
            }
        }
    }
}

fn chain(error: &ConfigError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

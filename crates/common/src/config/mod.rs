//! Configuration in three layers: defaults embedded in the program, a file, the environment.
//!
//! What nobody reads is refused: a misspelt key must not silently leave a default in force.

pub mod checked;
mod cli;
mod environment;
mod secret;

use std::path::{Path, PathBuf};

use ::config::{Config, File, FileFormat};
use serde::de::DeserializeOwned;

pub use bytesize::ByteSize;
pub use cli::ConfigArgs;
pub use secret::Secret;

/// Serde adapter for durations as people write them (`"5s"`, `"20ms"`): `#[serde(with = "duration")]`.
pub use humantime_serde as duration;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A layer cannot be read, or is not TOML.
    #[error("cannot read the configuration")]
    Read(#[source] ::config::ConfigError),
    /// A value is missing or has the wrong shape; the source names its key.
    #[error("the configuration has a wrong value")]
    Value(#[source] ::config::ConfigError),
    /// Keys that the program does not know, with their full path.
    #[error("unknown configuration keys: {}", .0.join(", "))]
    UnknownKeys(Vec<String>),
    /// The file named on the command line does not exist.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
}

/// Reads `T` from `defaults_toml`, over it `file`, over that the environment variables
/// `{env_prefix}__SECTION__KEY` (upper case; a list is written with commas).
///
/// # Errors
/// [`ConfigError`]; the message and its sources name the key at fault.
pub fn load<T: DeserializeOwned>(
    defaults_toml: &str,
    file: Option<&Path>,
    env_prefix: &str,
) -> Result<T, ConfigError> {
    load_from(defaults_toml, file, env_prefix, std::env::vars_os())
}

fn load_from<T: DeserializeOwned>(
    defaults_toml: &str,
    file: Option<&Path>,
    env_prefix: &str,
    environment: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> Result<T, ConfigError> {
    let mut builder = Config::builder().add_source(File::from_str(defaults_toml, FileFormat::Toml));
    if let Some(path) = file {
        if !path.exists() {
            return Err(ConfigError::NoFile(path.to_owned()));
        }
        builder = builder.add_source(File::from(path).format(FileFormat::Toml));
    }
    let below = builder.build_cloned().map_err(ConfigError::Read)?;
    let overrides = environment::overrides(env_prefix, environment, &below);
    for (key, value) in overrides {
        builder = builder.set_override(key, value).map_err(ConfigError::Read)?;
    }
    read(builder.build().map_err(ConfigError::Read)?)
}

/// Deserializes, collecting every key that `T` leaves unread.
fn read<T: DeserializeOwned>(config: Config) -> Result<T, ConfigError> {
    let mut unknown = Vec::new();
    let value = serde_ignored::deserialize(config, |path| unknown.push(path.to_string()))
        .map_err(ConfigError::Value)?;
    if unknown.is_empty() {
        Ok(value)
    } else {
        Err(ConfigError::UnknownKeys(unknown))
    }
}

#[cfg(test)]
mod tests;

//! The layers, their order, and what a person reads when one is wrong.

use std::{error::Error, ffi::OsString, time::Duration};

use serde::Deserialize;

use super::*;

const DEFAULTS: &str = r#"
[mqtt]
brokers = ["127.0.0.1:1883"]
password = ""
keep_alive = "30s"
[wal]
limit = "10 GiB"
sync = 5
"#;

#[derive(Debug, Deserialize)]
struct Settings {
    mqtt: Mqtt,
    wal: Wal,
}

#[derive(Debug, Deserialize)]
struct Mqtt {
    brokers: Vec<String>,
    password: Secret,
    #[serde(with = "duration")]
    keep_alive: Duration,
}

#[derive(Debug, Deserialize)]
struct Wal {
    limit: ByteSize,
    sync: u16,
}

fn with_env(file: Option<&Path>, env: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    let env = env.iter().map(|(k, v)| (OsString::from(k), OsString::from(v)));
    load_from(DEFAULTS, file, "OPS", env)
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn the_environment_goes_over_the_file_and_the_file_over_the_defaults() {
    let file = file("[wal]\nlimit = \"2 MiB\"\nsync = 7\n");
    let env = [("OPS__WAL__SYNC", "9"), ("OTHER", "x"), ("OPS_CONFIG", "x")];
    let settings = with_env(Some(file.path()), &env).unwrap();
    assert_eq!(settings.wal.sync, 9);
    assert_eq!(settings.wal.limit, ByteSize::mib(2));
    assert_eq!(settings.mqtt.keep_alive, Duration::from_secs(30));
}

#[test]
fn the_environment_writes_lists_with_commas_and_keeps_texts_as_they_are() {
    let env = [
        ("OPS__MQTT__BROKERS", "a:1, b:2"),
        ("OPS__MQTT__PASSWORD", "007,x"),
    ];
    let settings = with_env(None, &env).unwrap();
    assert_eq!(settings.mqtt.brokers, ["a:1", "b:2"]);
    assert_eq!(settings.mqtt.password.expose(), "007,x");
}

#[test]
fn a_misspelt_key_is_named_whatever_its_layer() {
    let file = file("[wal]\nlimmit = \"2 MiB\"\n");
    let error = with_env(Some(file.path()), &[("OPS__MQTT__PASWORD", "x")]).unwrap_err();
    let ConfigError::UnknownKeys(mut keys) = error else {
        panic!("{error:?}")
    };
    keys.sort();
    assert_eq!(keys, ["mqtt.pasword", "wal.limmit"]);
}

#[test]
fn a_wrong_value_is_reported_with_its_key() {
    let error = with_env(None, &[("OPS__WAL__SYNC", "soon")]).unwrap_err();
    let source = error.source().unwrap().to_string();
    assert!(source.contains("wal.sync"), "{source}");
}

#[test]
fn a_missing_file_and_bad_toml_are_refused() {
    assert!(matches!(
        with_env(Some(Path::new("/nowhere.toml")), &[]),
        Err(ConfigError::NoFile(_))
    ));
    let file = file("[wal\n");
    assert!(matches!(
        with_env(Some(file.path()), &[]),
        Err(ConfigError::Read(_))
    ));
}

#[test]
fn a_secret_never_prints() {
    let settings = with_env(None, &[("OPS__MQTT__PASSWORD", "hunter2")]).unwrap();
    assert!(!format!("{settings:?} {}", settings.mqtt.password).contains("hunter2"));
}

//! Redis, with append-only persistence.

use std::path::PathBuf;
use std::time::Duration;

use crate::probe::Probe;
use crate::running::Recipe;
use crate::{EngineError, Running, port, program};

const NAME: &str = "redis-server";
const INSTALL: &str = "apt-get install -y redis-server";

/// How Redis is to run.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// Its data and log; created when absent.
    pub data_dir: PathBuf,
    /// `None` takes a free port.
    pub port: Option<u16>,
    /// Further arguments, such as `--maxmemory 1gb`, one word each.
    pub extra: Vec<String>,
    /// The program, when it is not the one on PATH.
    pub program: Option<PathBuf>,
}

impl RedisOptions {
    /// On a free port, with its data in this folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: None,
            extra: Vec::new(),
            program: None,
        }
    }
}

/// The key-value store.
#[derive(Debug)]
pub struct Redis;

impl Redis {
    /// Starts it; it has answered a PING when this returns.
    ///
    /// # Errors
    /// When it is not installed, its port is busy, or it does not start.
    pub async fn start(options: RedisOptions) -> Result<Running, EngineError> {
        let missing = EngineError::Missing {
            program: NAME,
            install: INSTALL,
        };
        let program = options
            .program
            .or_else(|| program::find(NAME))
            .filter(|p| p.is_file())
            .ok_or(missing)?;
        let port = port::pick(NAME, options.port)?;
        let io = |action: &str| EngineError::io(NAME, format!("{action} {}", options.data_dir.display()));
        std::fs::create_dir_all(&options.data_dir).map_err(io("cannot create"))?;
        let data_dir = options.data_dir.canonicalize().map_err(io("cannot find"))?;
        let log = data_dir.join("redis.log");
        let fixed = arguments(port, &data_dir.display().to_string(), &log.display().to_string());
        Running::start(Recipe {
            name: NAME,
            program,
            arguments: fixed.into_iter().chain(options.extra).collect(),
            data_dir,
            log,
            port,
            probe: Probe::Redis,
            stop_within: Duration::from_secs(15),
        })
        .await
    }
}

/// Everything is in the append-only file, synced once a second; snapshots would fork for nothing. Nothing is ever
/// evicted: what is stored here is state, not cache.
fn arguments(port: u16, data_dir: &str, log: &str) -> Vec<String> {
    let port = port.to_string();
    let pairs = [
        ("--port", port.as_str()),
        ("--bind", "127.0.0.1"),
        ("--dir", data_dir),
        ("--logfile", log),
        ("--appendonly", "yes"),
        ("--appendfsync", "everysec"),
        ("--save", ""),
        ("--maxmemory-policy", "noeviction"),
        ("--daemonize", "no"),
    ];
    pairs
        .iter()
        .flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()])
        .collect()
}

//! chdbd: the embedded ClickHouse, a program of this project.

use std::path::PathBuf;
use std::time::Duration;

use crate::probe::Probe;
use crate::running::Recipe;
use crate::{EngineError, Running, port};

const NAME: &str = "chdbd";
const INSTALL: &str = "make build (or: cargo build -p chdbd)";

/// Names the program outright.
const VARIABLE: &str = "OPS_CHDBD_BIN";

/// How chdbd is to run.
#[derive(Debug, Clone)]
pub struct ChdbdOptions {
    /// Its data and log; created when absent.
    pub data_dir: PathBuf,
    /// `None` takes a free port.
    pub port: Option<u16>,
    /// Further arguments, one word each.
    pub extra: Vec<String>,
    /// The program, when it is not the one found by [`Chdbd::find`].
    pub program: Option<PathBuf>,
}

impl ChdbdOptions {
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

/// The embedded ClickHouse.
#[derive(Debug)]
pub struct Chdbd;

impl Chdbd {
    /// Starts it; it has answered `/ping` when this returns.
    ///
    /// # Errors
    /// When it is not built, its port is busy, or it does not start (libchdb missing, folder in use).
    pub async fn start(options: ChdbdOptions) -> Result<Running, EngineError> {
        let missing = EngineError::Missing {
            program: NAME,
            install: INSTALL,
        };
        let program = options
            .program
            .or_else(Self::find)
            .filter(|p| p.is_file())
            .ok_or(missing)?;
        let port = port::pick(NAME, options.port)?;
        let io = EngineError::io(NAME, format!("cannot create {}", options.data_dir.display()));
        std::fs::create_dir_all(&options.data_dir).map_err(io)?;
        let data = options.data_dir.display().to_string();
        let port_text = port.to_string();
        let fixed = ["--path", &data, "--port", &port_text].map(str::to_owned);
        Running::start(Recipe {
            name: NAME,
            program,
            arguments: fixed.into_iter().chain(options.extra).collect(),
            log: options.data_dir.join("chdbd.log"),
            data_dir: options.data_dir,
            port,
            probe: Probe::Http,
            stop_within: Duration::from_secs(20),
        })
        .await
    }

    /// The program: named by the environment, beside this one, or in a build folder above this one.
    pub fn find() -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(VARIABLE) {
            return Some(named.into());
        }
        let exe = std::env::current_exe().ok()?;
        // A test runs in target/debug/deps, an example in target/debug/examples, a program in target/debug.
        exe.ancestors()
            .skip(1)
            .take(3)
            .map(|folder| folder.join(NAME))
            .find(|file| file.is_file())
    }
}

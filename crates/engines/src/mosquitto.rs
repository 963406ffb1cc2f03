//! Mosquitto: the broker of one machine.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::probe::Probe;
use crate::running::Recipe;
use crate::{EngineError, Running, port, program};

const NAME: &str = "mosquitto";
const INSTALL: &str = "apt-get install -y mosquitto";
const TEMPLATE: &str = include_str!("../../../emqx/mosquitto.conf.template");
/// Comes with the package `mosquitto`.
const PLUGIN: &str = "mosquitto_dynamic_security.so";

/// A second listener, for TLS.
#[derive(Debug, Clone)]
pub struct TlsListener {
    /// Its port, which must be free.
    pub port: u16,
    /// The server's certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// How Mosquitto is to run.
#[derive(Debug, Clone)]
pub struct MosquittoOptions {
    /// Its state, configuration and log; created when absent.
    pub data_dir: PathBuf,
    /// `None` takes a free port.
    pub port: Option<u16>,
    /// Where it listens; loopback unless said otherwise.
    pub address: IpAddr,
    /// Where TLS is listened for; `None`: nowhere.
    pub tls: Option<TlsListener>,
    /// The file of the dynamic-security plugin, which then says who may do what; it must exist. `None` lets
    /// everybody do everything.
    pub accounts: Option<PathBuf>,
    /// Further lines of configuration, after the others.
    pub extra: Vec<String>,
    /// The program, when it is not the one on PATH.
    pub program: Option<PathBuf>,
}

impl MosquittoOptions {
    /// On loopback, on a free port, with its data in this folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let address = Ipv4Addr::LOCALHOST.into();
        Self {
            data_dir: data_dir.into(),
            port: None,
            address,
            tls: None,
            accounts: None,
            extra: Vec::new(),
            program: None,
        }
    }
}

/// The broker.
#[derive(Debug)]
pub struct Mosquitto;

impl Mosquitto {
    /// Starts it; it has answered a CONNECT when this returns.
    ///
    /// # Errors
    /// When it is not installed, its port is busy, or it does not start.
    pub async fn start(options: MosquittoOptions) -> Result<Running, EngineError> {
        let missing = EngineError::Missing {
            program: NAME,
            install: INSTALL,
        };
        let program = options
            .program
            .clone()
            .or_else(|| program::find(NAME))
            .filter(|p| p.is_file());
        let program = program.ok_or(missing)?;
        let port = port::pick(NAME, options.port)?;
        let recipe = recipe(options, program, port)?;
        Running::start(recipe).await
    }
}

fn recipe(options: MosquittoOptions, program: PathBuf, port: u16) -> Result<Recipe, EngineError> {
    let io = |action: &str| EngineError::io(NAME, format!("{action} {}", options.data_dir.display()));
    std::fs::create_dir_all(&options.data_dir).map_err(io("cannot create"))?;
    let data_dir = options.data_dir.canonicalize().map_err(io("cannot find"))?;
    let (file, log) = (data_dir.join("mosquitto.conf"), data_dir.join("mosquitto.log"));
    let tls = options.tls.as_ref().map(|tls| tls_lines(tls, options.address));
    let access = match &options.accounts {
        Some(file) => closed(&plugin()?, file),
        None => OPEN.to_owned(),
    };
    let mut text = TEMPLATE
        .replace("{{tls}}\n", &tls.unwrap_or_default())
        .replace("{{access}}", &access)
        .replace("{{port}}", &port.to_string())
        .replace("{{address}}", &options.address.to_string())
        .replace("{{data_dir}}", &data_dir.display().to_string())
        .replace("{{log_file}}", &log.display().to_string());
    for line in &options.extra {
        text.push_str(line);
        text.push('\n');
    }
    std::fs::write(&file, text).map_err(io("cannot write into"))?;
    Ok(Recipe {
        name: NAME,
        program,
        arguments: vec!["-c".to_owned(), file.display().to_string()],
        data_dir,
        log,
        port,
        probe: Probe::Mqtt,
        stop_within: Duration::from_secs(15),
    })
}

const OPEN: &str = "# Nobody is asked who he is: the address of the listener is what protects this broker.\n\
    allow_anonymous true";

/// Clients without a name are let in as what the file calls its anonymous group, or they could not register.
fn closed(plugin: &Path, file: &Path) -> String {
    format!(
        "# Who may do what stands in the plugin's file: what it does not allow is refused.\n\
         allow_anonymous true\nplugin {}\nplugin_opt_config_file {}",
        plugin.display(),
        file.display()
    )
}

fn tls_lines(tls: &TlsListener, address: IpAddr) -> String {
    format!(
        "# The same, encrypted.\nlistener {} {address}\ncertfile {}\nkeyfile {}\n",
        tls.port,
        tls.certificate.display(),
        tls.key.display()
    )
}

/// Debian has one folder per architecture, others one for all.
fn plugin() -> Result<PathBuf, EngineError> {
    let architectures = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = architectures.map(|entry| entry.path()).chain(
        [
            "/usr/lib",
            "/usr/lib64",
            "/usr/local/lib",
            "/opt/homebrew/opt/mosquitto/lib",
        ]
        .map(PathBuf::from),
    );
    folders
        .map(|folder| folder.join(PLUGIN))
        .find(|file| file.is_file())
        .ok_or(EngineError::Missing {
            program: PLUGIN,
            install: INSTALL,
        })
}

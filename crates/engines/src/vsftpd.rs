//! vsftpd: the FTP server that a platform may already have. Only for tests and trials; `pile-ops` has its own.

use std::fs::{self, Permissions};
use std::io;
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::probe::Probe;
use crate::running::Recipe;
use crate::{EngineError, Running, port, program};

const NAME: &str = "vsftpd";
const INSTALL: &str = "apt-get install -y vsftpd";
/// Accounts of the system that vsftpd may become; it wants one whose home is there. The first comes with it.
const BECOMES: [&str; 3] = ["ftp", "daemon", "bin"];

/// How vsftpd is to run. Its one account is `anonymous`; whoever signs in there sees `root` and may write below
/// its folders. vsftpd has to be started by root, since it locks its clients into that folder.
#[derive(Debug, Clone)]
pub struct VsftpdOptions {
    /// Its configuration and log; created when absent.
    pub data_dir: PathBuf,
    /// What clients see as `/`; created when absent. Only its folder `ops` can be written.
    pub root: PathBuf,
    /// `None` takes a free port.
    pub port: Option<u16>,
    /// Ports of data connections.
    pub passive_ports: RangeInclusive<u16>,
    /// Passwords that are accepted; none: any is.
    pub passwords: Vec<String>,
    /// Further lines of its configuration.
    pub extra: Vec<String>,
    /// The program, when it is not the one on PATH.
    pub program: Option<PathBuf>,
}

impl VsftpdOptions {
    /// On a free port, with its files in this folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            root: data_dir.join("root"),
            data_dir,
            port: None,
            passive_ports: 10_240..=32_767,
            passwords: Vec::new(),
            extra: Vec::new(),
            program: None,
        }
    }
}

/// The FTP server.
#[derive(Debug)]
pub struct Vsftpd;

impl Vsftpd {
    /// Starts it; it has greeted when this returns.
    ///
    /// # Errors
    /// When it is not installed, its port is busy, it is not started by root, or it does not start.
    pub async fn start(options: VsftpdOptions) -> Result<Running, EngineError> {
        let missing = EngineError::Missing {
            program: NAME,
            install: INSTALL,
        };
        let program = options
            .program
            .clone()
            .or_else(|| program::find(NAME))
            .filter(|p| p.is_file())
            .ok_or(missing)?;
        let port = port::pick(NAME, options.port)?;
        let log = options.data_dir.join("vsftpd.log");
        if !rustix::process::geteuid().is_root() {
            return Err(EngineError::Start {
                program: NAME,
                reason: "it must be started by root, because it locks its clients into a folder".to_owned(),
                log,
            });
        }
        let write = || lay_out(&options, port, &log);
        let arguments = write().map_err(EngineError::io(NAME, "cannot prepare its folder"))?;
        Running::start(Recipe {
            name: NAME,
            program,
            arguments,
            data_dir: options.data_dir,
            log,
            port,
            probe: Probe::Ftp,
            stop_within: Duration::from_secs(15),
        })
        .await
    }
}

/// Folders, passwords and configuration; gives the arguments.
fn lay_out(options: &VsftpdOptions, port: u16, log: &Path) -> io::Result<Vec<String>> {
    fs::create_dir_all(&options.data_dir)?;
    let data_dir = options.data_dir.canonicalize()?;
    let (empty, passwords, file) = (
        data_dir.join("empty"),
        data_dir.join("passwords"),
        data_dir.join("vsftpd.conf"),
    );
    let ops = options.root.join("ops");
    fs::create_dir_all(&empty)?;
    fs::create_dir_all(&ops)?;
    // It refuses a root that its clients could write.
    fs::set_permissions(&options.root, Permissions::from_mode(0o755))?;
    fs::set_permissions(&ops, Permissions::from_mode(0o777))?;
    fs::write(&passwords, options.passwords.join("\n") + "\n")?;
    let yes_if = |yes| if yes { "YES" } else { "NO" };
    let lines = [
        ("listen", "YES".to_owned()),
        ("background", "NO".to_owned()),
        ("listen_address", "127.0.0.1".to_owned()),
        ("listen_port", port.to_string()),
        ("pasv_min_port", options.passive_ports.start().to_string()),
        ("pasv_max_port", options.passive_ports.end().to_string()),
        ("connect_from_port_20", "NO".to_owned()),
        ("anonymous_enable", "YES".to_owned()),
        ("local_enable", "NO".to_owned()),
        ("ftp_username", becomes()?),
        ("anon_root", options.root.canonicalize()?.display().to_string()),
        ("write_enable", "YES".to_owned()),
        ("anon_upload_enable", "YES".to_owned()),
        ("anon_mkdir_write_enable", "YES".to_owned()),
        ("anon_other_write_enable", "YES".to_owned()),
        ("anon_world_readable_only", "NO".to_owned()),
        ("anon_umask", "022".to_owned()),
        (
            "secure_email_list_enable",
            yes_if(!options.passwords.is_empty()).to_owned(),
        ),
        ("email_password_file", passwords.display().to_string()),
        ("secure_chroot_dir", empty.display().to_string()),
        // Containers have no name spaces to give away.
        ("seccomp_sandbox", "NO".to_owned()),
        ("isolate", "NO".to_owned()),
        ("isolate_network", "NO".to_owned()),
        ("xferlog_enable", "YES".to_owned()),
        ("vsftpd_log_file", log.display().to_string()),
        ("max_clients", "0".to_owned()),
        ("max_per_ip", "0".to_owned()),
    ];
    let lines = lines.iter().map(|(name, value)| format!("{name}={value}\n"));
    let extra = options.extra.iter().map(|line| format!("{line}\n"));
    let text: String = lines.chain(extra).collect();
    fs::write(&file, text)?;
    Ok(vec![file.display().to_string()])
}

fn becomes() -> io::Result<String> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let home_is_there = |name: &&str| {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name));
        let home = line.and_then(|line| line.split(':').nth(5));
        home.is_some_and(|home| Path::new(home).is_dir())
    };
    let found = BECOMES.into_iter().find(home_is_there);
    let missing = || {
        io::Error::new(
            io::ErrorKind::NotFound,
            "no account of the system that vsftpd could become",
        )
    };
    found.map(str::to_owned).ok_or_else(missing)
}

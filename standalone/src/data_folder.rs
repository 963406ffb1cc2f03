//! The data folder: where everything of one machine lies, and who owns it.
//!
//! ```text
//! log/   one per process        run/   lock, up.json, generated configuration
//! mosquitto/  redis/  clickhouse/  ops_tcu/   data
//! access/  tls/  credentials.env   who may use the broker, and how it proves itself
//! ```

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use crate::{error::UpError, plan::Service};

/// A log above this size is put aside (one generation) when its process starts.
const LOG_LIMIT: u64 = 64 << 20;

/// The folder and its layout, absolute: children may run elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFolder {
    root: PathBuf,
    /// As the user wrote it, for messages.
    shown: PathBuf,
}

/// Ownership of the folder: a kernel lock, so that it ends with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// Whether the last owner ended without cleaning up.
    pub left_behind: bool,
}

impl DataFolder {
    /// The folder at `path`, which need not exist.
    ///
    /// # Errors
    /// When the current directory cannot be told.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            root: std::path::absolute(path)?,
            shown: path.to_owned(),
        })
    }

    /// As the user wrote it.
    pub fn shown(&self) -> std::path::Display<'_> {
        self.shown.display()
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `service` keeps its data.
    pub fn data(&self, service: Service) -> PathBuf {
        self.root.join(match service {
            Service::Mosquitto => "mosquitto",
            Service::Redis => "redis",
            Service::Chdbd => "clickhouse",
            Service::OpsTcu => "ops_tcu",
            Service::Webserver => "webserver",
            Service::Register => "register",
            Service::Connector => "connector",
            Service::Simulator => "tcu_sim",
        })
    }

    /// The log of `service`.
    pub fn log(&self, service: Service) -> PathBuf {
        self.root.join("log").join(format!("{}.log", service.name()))
    }

    /// The log of `service` as the user may type it.
    pub fn shown_log(&self, service: Service) -> PathBuf {
        self.shown.join("log").join(format!("{}.log", service.name()))
    }

    /// Opens the log of `service` at its end, putting one that has grown too big aside.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open_log(&self, service: Service) -> io::Result<File> {
        let path = self.log(service);
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
            fs::rename(&path, path.with_extension("log.1"))?;
        }
        OpenOptions::new().create(true).append(true).open(path)
    }

    /// The generated configuration of `service`.
    pub fn settings(&self, service: Service) -> PathBuf {
        self.root.join("run").join(format!("{}.toml", service.name()))
    }

    /// Passwords and what belongs to them, for the owner only.
    pub fn access(&self) -> PathBuf {
        self.root.join("access")
    }

    /// The accounts of this machine with their passwords.
    pub fn accounts(&self) -> PathBuf {
        self.access().join("accounts.json")
    }

    /// The web interface's first account and its first password, which the web server writes at its first start.
    pub fn first_admin(&self) -> PathBuf {
        self.access().join("first_admin")
    }

    /// The broker's certificates.
    pub fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    /// The file of the broker's plugin, which keeps accounts and rules.
    pub fn broker_accounts(&self) -> PathBuf {
        self.data(Service::Mosquitto).join("dynamic-security.json")
    }

    /// What the engineer's shell reads.
    pub fn credentials(&self) -> PathBuf {
        self.root.join("credentials.env")
    }

    /// A file of the folder as the user may type it.
    pub fn shown_file(&self, name: &str) -> PathBuf {
        self.shown.join(name)
    }

    /// What `up` tells the other commands.
    pub fn run_file(&self) -> PathBuf {
        self.root.join("run/up.json")
    }

    /// Makes the folders and takes the ownership.
    ///
    /// # Errors
    /// [`UpError::DataFolderInUse`] with the owner's pid, [`UpError::DataFolder`].
    pub fn lock(&self) -> Result<Lock, UpError> {
        let failed = |source| UpError::DataFolder {
            folder: self.shown.clone(),
            source,
        };
        for folder in ["log", "run"] {
            fs::create_dir_all(self.root.join(folder)).map_err(failed)?;
        }
        let mut file = self.open_lock().map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid).map_err(failed)?;
                return Err(UpError::DataFolderInUse {
                    folder: self.shown.clone(),
                    pid: pid.trim().to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock {
            _file: file,
            left_behind: self.run_file().exists(),
        })
    }

    /// The error for what the file system says.
    pub(crate) fn unusable(&self, source: io::Error) -> UpError {
        UpError::DataFolder {
            folder: self.shown.clone(),
            source,
        }
    }

    /// Whether a `pile-ops up` owns the folder now.
    pub fn is_owned(&self) -> bool {
        let Ok(file) = File::open(self.root.join("run/lock")) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    fn open_lock(&self) -> io::Result<File> {
        let path = self.root.join("run/lock");
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_and_names_it() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(temp.path()).unwrap();
        assert!(!folder.is_owned());
        let lock = folder.lock().unwrap();
        assert!(folder.is_owned());
        let error = folder.lock().unwrap_err().to_string();
        assert!(
            error.contains(&format!("in use by pile-ops pid {}", std::process::id())),
            "{error}"
        );
        drop(lock);
        assert!(!folder.lock().unwrap().left_behind);
    }

    #[test]
    fn a_log_that_has_grown_too_big_is_put_aside() {
        let temp = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(temp.path()).unwrap();
        let _lock = folder.lock().unwrap();
        folder
            .open_log(Service::Redis)
            .unwrap()
            .set_len(LOG_LIMIT + 1)
            .unwrap();
        assert_eq!(
            folder.open_log(Service::Redis).unwrap().metadata().unwrap().len(),
            0
        );
        assert!(temp.path().join("log/redis-server.log.1").exists());
    }
}

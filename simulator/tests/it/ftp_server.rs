//! A file server of either kind, with what the platform puts there for a pile.

use std::collections::HashMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ftp::{Credentials, Direction, Grant, Grants, OpsPath, PublicAddress, Server, ServerOptions};
use protocol::{Password, Uuid};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::engines::{Running, Vsftpd, VsftpdOptions};

/// For the embedded one: grants by account, and where the one package lies.
#[derive(Debug)]
struct Book {
    grants: Mutex<HashMap<String, Grant>>,
    package: PathBuf,
}

#[async_trait]
impl Grants for Book {
    async fn of_user(&self, user: &str) -> io::Result<Option<Grant>> {
        Ok(self.grants.lock().unwrap().get(user).cloned())
    }

    async fn of_path(&self, _: &OpsPath) -> io::Result<Option<Grant>> {
        Ok(None)
    }

    async fn package(&self, _: u64) -> io::Result<PathBuf> {
        Ok(self.package.clone())
    }
}

enum Kind {
    Embedded { server: Server, book: Arc<Book> },
    Vsftpd { running: Box<Running>, root: PathBuf },
}

pub(crate) struct FtpServer {
    kind: Kind,
    folder: TempDir,
}

impl FtpServer {
    pub(crate) async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let book = Arc::new(Book {
            grants: Mutex::default(),
            package: folder.path().join("package"),
        });
        let options = ServerOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            passive_ports: 10_240..=32_767,
            public_address: PublicAddress::Same,
            uploads: folder.path().join("uploads"),
            open: false,
            most_connections: 500,
            most_per_user: 4,
            sign_in: Duration::from_secs(60),
            idle: Duration::from_secs(300),
            stalled: Duration::from_secs(120),
        };
        let server = Server::start(options, book.clone()).await.unwrap();
        let kind = Kind::Embedded { server, book };
        Self { kind, folder }
    }

    /// `rate` is the bytes per second that it gives at most, 0 for as many as it can.
    pub(crate) async fn vsftpd(rate: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = VsftpdOptions::new(folder.path().join("vsftpd"));
        options.passwords = vec!["right".to_owned()];
        options.extra = vec![format!("anon_max_rate={rate}")];
        let root = options.root.clone();
        let running = Box::new(Vsftpd::start(options).await.unwrap());
        let kind = Kind::Vsftpd { running, root };
        Self { kind, folder }
    }

    pub(crate) fn port(&self) -> u16 {
        match &self.kind {
            Kind::Embedded { server, .. } => server.address().port(),
            Kind::Vsftpd { running, .. } => running.port(),
        }
    }

    /// The fields of 下载 that say where, with the program there.
    pub(crate) fn offer(&self, uuid: &str, program: &[u8]) -> Value {
        let path = format!("/ops/{uuid}/download/a.bin");
        let file = match &self.kind {
            Kind::Embedded { book, .. } => book.package.clone(),
            Kind::Vsftpd { root, .. } => in_folders(root, &path),
        };
        std::fs::write(file, program).unwrap();
        self.order(uuid, Direction::Download, path)
    }

    /// The fields of 日志召唤 that say where.
    pub(crate) fn want(&self, uuid: &str) -> Value {
        let path = format!("/ops/{uuid}/upload/log/a.log");
        if let Kind::Vsftpd { root, .. } = &self.kind {
            in_folders(root, &path);
        }
        self.order(uuid, Direction::Upload, path)
    }

    /// What the pile has brought.
    pub(crate) fn brought(&self, uuid: &str) -> Vec<u8> {
        let file = match &self.kind {
            Kind::Embedded { .. } => self.folder.path().join(format!("uploads/{uuid}/a.log")),
            Kind::Vsftpd { root, .. } => root.join(format!("ops/{uuid}/upload/log/a.log")),
        };
        std::fs::read(file).unwrap()
    }

    fn order(&self, uuid: &str, direction: Direction, path: String) -> Value {
        let account = match &self.kind {
            Kind::Vsftpd { .. } => Credentials {
                user: "anonymous".to_owned(),
                password: Password::new("right"),
            },
            Kind::Embedded { book, .. } => {
                let account = Credentials::for_user(format!("{uuid}-{direction:?}"));
                let grant = Grant {
                    password: account.hash(),
                    uuid: Uuid::parse(uuid).unwrap(),
                    direction,
                    path: path.clone(),
                    package_id: 1,
                    expires: i64::MAX,
                    quota_bytes: 8 << 20,
                };
                book.grants.lock().unwrap().insert(account.user.clone(), grant);
                account
            }
        };
        json!({
            "服务器地址": "127.0.0.1", "端口": self.port(), "用户名": account.user,
            "密码": account.password.reveal(), "FTP路径": path,
        })
    }

    /// Ends every session at once, as a server does that falls over; new ones are taken. How many there were.
    pub(crate) fn cut(&self) -> usize {
        let Kind::Vsftpd { running, .. } = &self.kind else {
            panic!("only vsftpd has a process per session");
        };
        let sessions = descendants(running.pid().unwrap());
        for pid in &sessions {
            drop(Command::new("kill").args(["-9", &pid.to_string()]).status());
        }
        sessions.len()
    }
}

/// The file of this path, in folders that vsftpd's own account may write.
fn in_folders(root: &Path, path: &str) -> PathBuf {
    let file = root.join(&path[1..]);
    let folder = file.parent().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    file
}

fn descendants(pid: u32) -> Vec<u32> {
    let children = format!("/proc/{pid}/task/{pid}/children");
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    children
        .flat_map(|child: u32| descendants(child).into_iter().chain([child]))
        .collect()
}

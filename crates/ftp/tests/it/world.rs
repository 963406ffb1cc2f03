//! A server of either kind with files in it.

use std::collections::HashMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use engines::{Running, Vsftpd, VsftpdOptions};
use ftp::{
    Client, Credentials, Direction, Grant, Grants, OpsPath, PublicAddress, Server, ServerOptions, Target,
    Timeouts,
};
use protocol::{Password, Uuid};
use tempfile::TempDir;

pub(crate) const UUID: &str = "AAAAALFW";
pub(crate) const QUOTA: u64 = 20 << 20;

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Bytes that are no text and repeat nowhere near.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = length as u64 | 1;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(next).collect()
}

/// Grants in memory, packages in a folder.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) grants: Mutex<HashMap<String, Grant>>,
    pub(crate) stored: Mutex<Vec<(String, u64)>>,
    packages: PathBuf,
}

impl Book {
    pub(crate) fn change(&self, user: &str, change: impl FnOnce(&mut Grant)) {
        change(self.grants.lock().unwrap().get_mut(user).unwrap());
    }
}

#[async_trait]
impl Grants for Book {
    async fn of_user(&self, user: &str) -> io::Result<Option<Grant>> {
        Ok(self.grants.lock().unwrap().get(user).cloned())
    }

    async fn of_path(&self, path: &OpsPath) -> io::Result<Option<Grant>> {
        let path = path.to_string();
        let grants = self.grants.lock().unwrap();
        Ok(grants.values().find(|grant| grant.path == path).cloned())
    }

    async fn package(&self, package_id: u64) -> io::Result<PathBuf> {
        Ok(self.packages.join(package_id.to_string()))
    }

    async fn stored(&self, file: &OpsPath, bytes: u64) {
        self.stored.lock().unwrap().push((file.to_string(), bytes));
    }
}

enum Kind {
    Embedded { server: Server, book: Arc<Book> },
    Vsftpd { running: Box<Running>, root: PathBuf },
}

/// A server.
pub(crate) struct World {
    kind: Kind,
    folder: TempDir,
}

/// What a pile is told.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) target: Target,
    pub(crate) path: String,
}

impl Order {
    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.target).await.unwrap()
    }

    pub(crate) async fn download(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut client = self.client().await;
        client.download(&self.path, 0, QUOTA, &mut bytes).await.unwrap();
        client.quit().await;
        bytes
    }

    pub(crate) async fn upload(&self, bytes: &[u8]) {
        let mut client = self.client().await;
        client.make_folders(&self.path).await.unwrap();
        let went = client.upload(&self.path, 0, &mut &bytes[..]).await.unwrap();
        assert_eq!(went, bytes.len() as u64);
        client.quit().await;
    }
}

impl World {
    pub(crate) async fn embedded() -> Self {
        Self::embedded_with(|_| {}).await
    }

    pub(crate) async fn embedded_with(change: impl FnOnce(&mut ServerOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("packages");
        std::fs::create_dir_all(&packages).unwrap();
        let book = Arc::new(Book {
            grants: Mutex::default(),
            stored: Mutex::default(),
            packages,
        });
        let mut options = ServerOptions {
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
        change(&mut options);
        let server = Server::start(options, book.clone()).await.unwrap();
        Self {
            kind: Kind::Embedded { server, book },
            folder,
        }
    }

    pub(crate) async fn vsftpd() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = VsftpdOptions::new(folder.path().join("vsftpd"));
        options.passwords = vec!["right".to_owned()];
        let root = options.root.clone();
        let running = Box::new(Vsftpd::start(options).await.unwrap());
        Self {
            kind: Kind::Vsftpd { running, root },
            folder,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        match &self.kind {
            Kind::Embedded { server, .. } => server.address().port(),
            Kind::Vsftpd { running, .. } => running.port(),
        }
    }

    pub(crate) fn book(&self) -> &Book {
        match &self.kind {
            Kind::Embedded { book, .. } => book,
            Kind::Vsftpd { .. } => panic!("vsftpd has no grants"),
        }
    }

    pub(crate) async fn stop(self) {
        match self.kind {
            Kind::Embedded { server, .. } => server.stop().await,
            Kind::Vsftpd { running, .. } => drop(running),
        }
    }

    fn order(&self, uuid: &str, direction: Direction, name: &str, package_id: u64) -> Order {
        let folder = match direction {
            Direction::Download => "download",
            Direction::Upload => "upload/log",
        };
        let path = format!("/ops/{uuid}/{folder}/{name}");
        let account = match &self.kind {
            Kind::Vsftpd { .. } => Credentials {
                user: "anonymous".into(),
                password: Password::new("right"),
            },
            Kind::Embedded { book, .. } => {
                let account = Credentials::for_user(format!("{uuid}-{name}"));
                let grant = Grant {
                    password: account.hash(),
                    uuid: Uuid::parse(uuid).unwrap(),
                    direction,
                    path: path.clone(),
                    package_id,
                    expires: now() + 3_600_000,
                    quota_bytes: QUOTA,
                };
                book.grants.lock().unwrap().insert(account.user.clone(), grant);
                account
            }
        };
        // A loaded machine may take its time; no test waits for these to pass.
        let timeouts = Timeouts {
            connect: Duration::from_secs(60),
            control: Duration::from_secs(60),
            stalled: Duration::from_secs(60),
        };
        let target = Target {
            host: "127.0.0.1".into(),
            port: self.port(),
            account,
            timeouts,
        };
        Order { target, path }
    }

    /// A file to be fetched. The embedded server has one copy for all piles.
    pub(crate) fn offer(&self, uuid: &str, name: &str, package_id: u64, bytes: &[u8]) -> Order {
        let order = self.order(uuid, Direction::Download, name, package_id);
        let file = match &self.kind {
            Kind::Embedded { book, .. } => book.packages.join(package_id.to_string()),
            Kind::Vsftpd { root, .. } => root.join(&order.path[1..]),
        };
        let folder = file.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        // As if vsftpd's own account had made them.
        for folder in folder.ancestors().take(2) {
            std::fs::set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
        }
        // Somebody may be reading it.
        if std::fs::read(&file).ok().as_deref() != Some(bytes) {
            std::fs::write(file, bytes).unwrap();
        }
        order
    }

    /// A file to be brought.
    pub(crate) fn want(&self, uuid: &str, name: &str) -> Order {
        self.order(uuid, Direction::Upload, name, 0)
    }

    /// What has been brought.
    pub(crate) fn brought(&self, order: &Order) -> Option<Vec<u8>> {
        let path = OpsPath::parse(&order.path).unwrap();
        let file = match &self.kind {
            Kind::Embedded { .. } => {
                let uploads = self.folder.path().join("uploads");
                uploads.join(path.uuid.to_string()).join(path.file.as_str())
            }
            Kind::Vsftpd { root, .. } => root.join(&order.path[1..]),
        };
        std::fs::read(file).ok()
    }
}

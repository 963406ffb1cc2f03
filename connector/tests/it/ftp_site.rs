//! An FTP server for the connector: its own, or vsftpd.

use engines::{Running, Vsftpd, VsftpdOptions};
use tempfile::TempDir;

/// What the connector is told, and what must live as long.
pub(crate) struct Site {
    pub(crate) settings: String,
    pub(crate) folder: TempDir,
    pub(crate) vsftpd: Option<Running>,
}

const LOG_FILE: &str = "[log_file]\nsettled = \"2s\"\n";

impl Site {
    pub(crate) fn embedded() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = engines::listen_anywhere()?.local_addr()?.port();
        let settings = format!(
            r#"
            [ftp]
            embedded = true
            address = "127.0.0.1:{port}"
            listen = "127.0.0.1:{port}"
            passive_ports = "10240-32767"
            folder = "{}"
            {LOG_FILE}
            "#,
            folder.path().display()
        );
        Ok(Self {
            settings,
            folder,
            vsftpd: None,
        })
    }

    pub(crate) async fn vsftpd() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut options = VsftpdOptions::new(folder.path().join("vsftpd"));
        options.passwords = vec!["for-piles".to_owned(), "for-us".to_owned()];
        let vsftpd = Vsftpd::start(options).await?;
        let settings = format!(
            r#"
            [ftp]
            embedded = false
            address = "127.0.0.1:{}"
            folder = "{}"
            [ftp.pile]
            username = "anonymous"
            password = "for-piles"
            [ftp.own]
            username = "anonymous"
            password = "for-us"
            {LOG_FILE}
            "#,
            vsftpd.port(),
            folder.path().join("own").display()
        );
        Ok(Self {
            settings,
            folder,
            vsftpd: Some(vsftpd),
        })
    }
}

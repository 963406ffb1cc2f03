//! A real vsftpd, run by whoever runs the test: anonymous only, paths are those of this machine.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) struct FtpServer {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl FtpServer {
    /// `rate` is the bytes per second that it gives at most, 0 for as many as it can.
    pub(crate) fn start(rate: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = engines::listen_anywhere().unwrap().local_addr().unwrap().port();
        let here = folder.path().display();
        let settings = format!(
            "listen=YES\nlisten_ipv6=NO\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n\
             run_as_launching_user=YES\nsecure_chroot_dir={here}\nallow_writeable_chroot=YES\n\
             anonymous_enable=YES\nlocal_enable=NO\nanon_root={here}\nanon_world_readable_only=NO\n\
             write_enable=YES\nanon_upload_enable=YES\nanon_other_write_enable=YES\nanon_umask=022\n\
             seccomp_sandbox=NO\nconnect_from_port_20=NO\nxferlog_enable=NO\n\
             pasv_min_port=21000\npasv_max_port=29999\nanon_max_rate={rate}\n"
        );
        let config = folder.path().join("vsftpd.conf");
        std::fs::write(&config, settings).unwrap();
        // Debian keeps it where only root looks by itself.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let child = Command::new("vsftpd")
            .env("PATH", path)
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("vsftpd is needed: apt-get install vsftpd");
        let server = Self { port, folder, child };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "vsftpd did not come up");
            std::thread::yield_now();
        }
        server
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A file there, as FTP and this machine name it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ends every session at once, as a server does that falls over; new ones are taken. How many there were.
    pub(crate) fn cut(&self) -> usize {
        let sessions = descendants(self.child.id());
        for pid in &sessions {
            drop(Command::new("kill").args(["-9", &pid.to_string()]).status());
        }
        sessions.len()
    }
}

impl Drop for FtpServer {
    fn drop(&mut self) {
        self.cut();
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn descendants(pid: u32) -> Vec<u32> {
    let children = format!("/proc/{pid}/task/{pid}/children");
    let children = std::fs::read_to_string(Path::new(&children)).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    children
        .flat_map(|child: u32| descendants(child).into_iter().chain([child]))
        .collect()
}

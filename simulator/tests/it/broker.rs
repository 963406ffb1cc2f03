//! A real Mosquitto on a free port, stopped when it goes out of scope.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) struct Broker {
    port: u16,
    folder: TempDir,
    child: Child,
}

impl Broker {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = engines::listen_anywhere().unwrap().local_addr().unwrap().port();
        let settings = format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
        std::fs::write(folder.path().join("mosquitto.conf"), settings).unwrap();
        let child = spawn(&folder);
        let broker = Self { port, folder, child };
        broker.wait_until_up();
        broker
    }

    /// As by `kill -9`, and up again on the same port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = spawn(&self.folder);
        self.wait_until_up();
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn wait_until_up(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "mosquitto did not come up");
            std::thread::yield_now();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &TempDir) -> Child {
    Command::new("mosquitto")
        .arg("-c")
        .arg(folder.path().join("mosquitto.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mosquitto is needed: apt-get install mosquitto")
}

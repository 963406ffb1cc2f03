//! Who may use the broker of this machine: passwords, certificates, and what people need to use them. All of it lies
//! in the data folder, and all but the certificates is for its owner only.
//!
//! ```text
//! access/   accounts.json, api_token, mosquitto/ (options of the mosquitto tools)      credentials.env
//! tls/      ca.pem, ca.key, server.pem, server.key, server.json
//! ```

mod private;
mod shell;
mod tls;

use std::{collections::BTreeMap, fs, io};

pub use tls::{Certificates, TlsError};

use crate::{
    data_folder::DataFolder,
    plan::{Ports, Service},
};

/// The account that may speak and read as anybody.
pub const ENGINEER: &str = "engineer";

/// Letters and digits of the token for register's interface: 128 bits in hexadecimal.
const TOKEN_BYTES: usize = 16;

/// The accounts of this machine, with their passwords.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    passwords: BTreeMap<String, String>,
    api_token: String,
}

/// Passwords are kept out of logs.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.passwords.keys()).finish()
    }
}

impl Access {
    /// Reads what `register provision` has written; makes the token if there is none.
    ///
    /// # Errors
    /// When a file is missing, or is something else.
    pub fn open(folder: &DataFolder) -> io::Result<Self> {
        let path = folder.access().join("api_token");
        let api_token = match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
            _ => {
                let token = private::random_hex(TOKEN_BYTES)?;
                private::write(&path, token.as_bytes())?;
                token
            }
        };
        let passwords = passwords(folder)?;
        Ok(Self { passwords, api_token })
    }

    /// The environment with which `service` proves who it is. Not its arguments: those everybody can see.
    pub fn environment(&self, service: Service) -> Vec<(&'static str, String)> {
        let broker = |username: &str| {
            vec![
                ("OPS__MQTT__USERNAME", username.to_owned()),
                ("OPS__MQTT__PASSWORD", self.password(username).to_owned()),
            ]
        };
        match service {
            Service::OpsTcu | Service::Connector => broker(service.name()),
            // It asks register for the people who have signed in.
            Service::Webserver => {
                let mut environment = broker(service.name());
                environment.push(("OPS__REGISTER__TOKEN", self.api_token.clone()));
                environment
            }
            Service::Register => {
                let mut environment = broker(service.name());
                environment.push(("OPS__HTTP__API_TOKEN", self.api_token.clone()));
                environment
            }
            // Simulated piles register, as real ones do.
            Service::Simulator | Service::Mosquitto | Service::Redis | Service::Chdbd => Vec::new(),
        }
    }

    /// The password of an account; empty when there is no such account.
    pub fn password(&self, username: &str) -> &str {
        self.passwords.get(username).map_or("", String::as_str)
    }

    /// Writes `credentials.env` and what it points at.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write_for_people(&self, folder: &DataFolder, ports: &Ports) -> io::Result<()> {
        let options = folder.access().join("mosquitto");
        private::folder(&options)?;
        for tool in ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"] {
            let text = shell::tool_options(ports, ENGINEER, self.password(ENGINEER));
            private::write(&options.join(tool), text.as_bytes())?;
        }
        let text = shell::credentials(
            ports,
            ENGINEER,
            self.password(ENGINEER),
            &self.api_token,
            &options,
            &folder.first_admin(),
        );
        private::write(&folder.credentials(), text.as_bytes())
    }
}

/// The engineer's password in a data folder; none where the broker asks nobody.
pub fn engineer(folder: &DataFolder) -> Option<String> {
    passwords(folder).ok()?.remove(ENGINEER)
}

fn passwords(folder: &DataFolder) -> io::Result<BTreeMap<String, String>> {
    Ok(serde_json::from_slice(&fs::read(folder.accounts())?)?)
}

/// Makes the folders.
///
/// # Errors
/// What the file system says.
pub fn folders(folder: &DataFolder) -> io::Result<()> {
    private::folder(&folder.access())?;
    // Whoever is to trust the CA must be able to read it; the keys beside it are closed by themselves.
    fs::create_dir_all(folder.tls())
}

/// The CA and the broker's certificate in `folder`, made or renewed where needed. `names` are further names under
/// which clients know this machine.
///
/// # Errors
/// [`TlsError`].
pub fn certificates(folder: &DataFolder, names: &[String]) -> Result<Certificates, TlsError> {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let own = ["localhost", "127.0.0.1", "::1", host.trim()].map(str::to_owned);
    tls::ensure(&folder.tls(), own.into_iter().chain(names.iter().cloned()))
}

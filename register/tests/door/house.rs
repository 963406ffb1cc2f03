//! One broker behind its closed door, with somebody of every kind to knock at it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::address::Address;
use common::config::Secret;
use protocol::{Password, Uuid, topic::Topics};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use register::access::{self, Role, Rule, dynsec};
use register::config::{Config, Mode};
use register::model::Credential;
use tempfile::TempDir;
use testkit::engines::{Mosquitto, MosquittoOptions, Running, TlsListener, listen_anywhere};

pub(crate) const A: &str = "AAAAALFW";
pub(crate) const B: &str = "AAAAAAAB";
pub(crate) const DISABLED: &str = "AAAAAAAC";
/// Sees everything that piles, staff and services may say: what tells whether a message came through.
pub(crate) const OBSERVER: &str = "observer";
pub(crate) const SOON: Duration = Duration::from_secs(30);

pub(crate) struct House {
    pub(crate) mosquitto: Running,
    pub(crate) tls_port: u16,
    pub(crate) folder: TempDir,
}

pub(crate) fn topics() -> Topics {
    Topics::new("xjdy", "TCU")
}

pub(crate) fn password(username: &str) -> Password {
    Password::new(format!("password of {username}"))
}

impl House {
    /// With the piles A and B, a disabled one, and an account for every role, named like it.
    pub(crate) async fn open(mode: Mode) -> anyhow::Result<Self> {
        let pile = |uuid| access::pile(&topics(), Uuid::parse(uuid).unwrap(), None);
        let roles = Role::ALL.map(|role| (role.as_str(), role.rules(&topics()), true));
        let everybody = [
            (A, pile(A), true),
            (B, pile(B), true),
            (DISABLED, pile(DISABLED), false),
            (OBSERVER, vec![Rule::publish("#"), Rule::subscribe("#")], true),
        ];
        Self::with(everybody.into_iter().chain(roles), mode).await
    }

    pub(crate) async fn with(
        accounts: impl IntoIterator<Item = (impl ToString, Vec<Rule>, bool)>,
        mode: Mode,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let accounts: Vec<_> = accounts
            .into_iter()
            .map(|(name, rules, enabled)| {
                let name = name.to_string();
                let credential = Credential::of(&password(&name));
                (name, credential, rules, enabled)
            })
            .collect();
        let entries = accounts
            .iter()
            .map(|(username, credential, rules, enabled)| dynsec::Entry {
                username,
                credential,
                rules,
                enabled: *enabled,
            });
        let file = folder.path().join("accounts.json");
        let contents = dynsec::file(entries, &dynsec::without_account(&topics(), mode));
        std::fs::write(&file, serde_json::to_vec(&contents)?)?;
        Self::around(folder, file).await
    }

    /// Over a plugin's file that is there.
    pub(crate) async fn around(folder: TempDir, accounts: PathBuf) -> anyhow::Result<Self> {
        let tls_port = listen_anywhere()?.local_addr()?.port();
        let options = MosquittoOptions {
            accounts: Some(accounts),
            tls: Some(certificates(folder.path(), tls_port)?),
            ..MosquittoOptions::new(folder.path().join("mosquitto"))
        };
        Ok(Self {
            mosquitto: Mosquitto::start(options).await?,
            tls_port,
            folder,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.mosquitto.port()
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What `register` runs with.
    pub(crate) fn config(&self) -> Config {
        let mut config: Config = common::config::load(register::DEFAULTS, None, "NO_SUCH_PREFIX").unwrap();
        config.mqtt.brokers = vec![Address {
            host: "127.0.0.1".to_owned(),
            port: self.port(),
        }];
        config.mqtt.password = Secret::new(password("register").reveal());
        config
    }
}

/// A CA in `ca.pem`, another that signed nothing in `other-ca.pem`, and a server that the first one vouches for.
fn certificates(folder: &Path, port: u16) -> anyhow::Result<TlsListener> {
    let issuer = |name| {
        let mut params = CertificateParams::new(Vec::new())?;
        // Named apart from what it signs, or OpenSSL takes that for self-signed.
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate()?)
    };
    let (ours, other) = (issuer("ours")?, issuer("other")?);
    std::fs::write(folder.join("ca.pem"), ours.pem())?;
    std::fs::write(folder.join("other-ca.pem"), other.pem())?;
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let server_key = KeyPair::generate()?;
    let server = CertificateParams::new(names)?.signed_by(&server_key, &ours)?;
    let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
    std::fs::write(&certificate, server.pem())?;
    std::fs::write(&key, server_key.serialize_pem())?;
    Ok(TlsListener {
        port,
        certificate,
        key,
    })
}

//! A CA for one test, and a broker's listener with a certificate of it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// A second listener for Mosquitto, with TLS, on loopback.
#[derive(Debug, Clone)]
pub struct TlsListener {
    /// Its port.
    pub port: u16,
    /// Whom its clients have to trust.
    pub ca_file: PathBuf,
    /// Lines for [`engines::MosquittoOptions::extra`].
    pub lines: Vec<String>,
}

impl TlsListener {
    /// Makes a CA and a certificate for `127.0.0.1` and `localhost` in this folder, and takes a free port.
    ///
    /// # Errors
    /// When the files cannot be written or no port is free.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let ca_file = make_certificates(folder)?;
        let (certificate, key) = (folder.join("broker.crt"), folder.join("broker.key"));
        // Whoever listens later must find it free; nothing else takes ports from this range.
        let port = engines::listen_anywhere()?.local_addr()?.port();
        let lines = vec![
            format!("listener {port} 127.0.0.1"),
            format!("certfile {}", certificate.display()),
            format!("keyfile {}", key.display()),
        ];
        Ok(Self { port, ca_file, lines })
    }
}

/// A CA in `ca.crt`, which has signed `broker.crt`; gives the CA's file.
fn make_certificates(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "CA of a test");
    let ca_key = KeyPair::generate()?;
    let ca_file = folder.join("ca.crt");
    write(&ca_file, &ca.self_signed(&ca_key)?.pem())?;

    let key = KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names)?.signed_by(&key, &Issuer::new(ca, ca_key))?;
    write(&folder.join("broker.crt"), &certificate.pem())?;
    write(&folder.join("broker.key"), &key.serialize_pem())?;
    Ok(ca_file)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

//! TLS as a client: a server is trusted if its certificate comes from the CA in a file, and from no other.
//!
//! The public CAs of the web have no say in who is the broker of a fleet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore, crypto};
use serde::Deserialize;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is not there, or is no PEM.
    #[error("cannot read CA certificates from {}", path.display())]
    Read {
        /// As configured.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// The file holds no certificate.
    #[error("there is no CA certificate in {}", .0.display())]
    Empty(PathBuf),
    /// A certificate cannot be used, or TLS not be set up at all.
    #[error("cannot use the CA certificates in {}", path.display())]
    Unusable {
        /// As configured.
        path: PathBuf,
        /// What is wrong with them.
        #[source]
        source: rustls::Error,
    },
}

/// `ca_file` in a configuration, read with it, so that a file that cannot serve is refused like any wrong setting.
/// Empty: no TLS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "PathBuf")]
pub struct CaFile(Option<Arc<ClientConfig>>);

impl CaFile {
    /// A client's settings for TLS, if connections are to use it.
    pub fn client(&self) -> Option<Arc<ClientConfig>> {
        self.0.clone()
    }
}

impl TryFrom<PathBuf> for CaFile {
    type Error = String;

    fn try_from(path: PathBuf) -> Result<Self, String> {
        if path.as_os_str().is_empty() {
            return Ok(Self(None));
        }
        // A configuration's errors show no sources.
        let why = |error: TlsError| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        client(&path).map(|config| Self(Some(config))).map_err(why)
    }
}

/// A client's settings that trust the CAs in the PEM file `ca_file` only.
///
/// # Errors
/// [`TlsError`] names the file.
pub fn client(ca_file: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let read = |source| TlsError::Read {
        path: ca_file.to_owned(),
        source,
    };
    let unusable = |source| TlsError::Unusable {
        path: ca_file.to_owned(),
        source,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).map_err(read)? {
        roots.add(certificate.map_err(read)?).map_err(unusable)?;
    }
    if roots.is_empty() {
        return Err(TlsError::Empty(ca_file.to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_serve_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("ca.pem");
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "no certificate here\n").unwrap();
        let garbled = folder.path().join("garbled.pem");
        let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        std::fs::write(&garbled, text).unwrap();
        for (path, begins) in [
            (missing, "cannot read CA certificates from "),
            (empty, "there is no CA certificate in "),
            (garbled, "cannot use the CA certificates in "),
        ] {
            let error = client(&path).unwrap_err().to_string();
            assert!(error.starts_with(begins), "{error}");
            assert!(error.contains(path.to_str().unwrap()), "{error}");
        }
        assert!(CaFile::try_from(PathBuf::new()).unwrap().client().is_none());
        assert!(CaFile::try_from(folder.path().join("ca.pem")).is_err());
    }
}

//! A CA of this machine's own, and the certificate with which its broker proves itself.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{Datelike as _, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use serde::{Deserialize, Serialize};

use super::private;

/// Clients are given the CA once, so it lasts.
const CA_DAYS: i64 = 3650;
/// The longest that common clients take a server's certificate for.
const SERVER_DAYS: i64 = 825;
/// A certificate with fewer days left is replaced at the next start.
const RENEW_DAYS: i64 = 90;

/// What the broker needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// PEM.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// A name, or a key in the folder.
    #[error("{what} cannot be used: {source}")]
    Certificate {
        /// What is wrong.
        what: String,
        /// Why.
        source: rcgen::Error,
    },
}

/// Written beside the certificate, to know what it says without reading it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    names: BTreeSet<String>,
    /// Days since 1970.
    ends: i64,
}

/// The certificates in `folder`, made or renewed where needed.
pub(super) fn ensure(folder: &Path, names: impl Iterator<Item = String>) -> Result<Certificates, TlsError> {
    let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
    let (ca, fresh) = authority(folder)?;
    let note_file = folder.join("server.json");
    let found = Certificates {
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
    };
    let note: Option<Note> = fs::read(&note_file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let good = !fresh
        && note.is_some_and(|note| note.names == names && note.ends - today() > RENEW_DAYS)
        && found.certificate.is_file()
        && found.key.is_file();
    if good {
        return Ok(found);
    }
    let key = new_key()?;
    let what = || format!("one of the names {names:?}");
    let mut params =
        CertificateParams::new(names.iter().cloned().collect::<Vec<_>>()).map_err(certificate(what()))?;
    params.distinguished_name = name("pile-ops broker");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    last(&mut params, SERVER_DAYS);
    let signed = params.signed_by(&key, &ca).map_err(certificate(what()))?;
    // The note last: without it the next start makes them anew.
    let _ = fs::remove_file(&note_file);
    write(&found.key, key.serialize_pem().as_bytes())?;
    publish(&found.certificate, signed.pem().as_bytes())?;
    let ends = today() + SERVER_DAYS;
    let note = serde_json::to_vec_pretty(&Note { names, ends }).map_err(|error| TlsError::File {
        path: note_file.clone(),
        source: error.into(),
    })?;
    write(&note_file, &note)?;
    Ok(found)
}

/// The CA, and whether it was made just now.
fn authority(folder: &Path) -> Result<(Issuer<'static, KeyPair>, bool), TlsError> {
    let (file, key_file) = (folder.join("ca.pem"), folder.join("ca.key"));
    let mut params = CertificateParams::default();
    params.distinguished_name = name("pile-ops CA of one machine");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    last(&mut params, CA_DAYS);
    if let (true, Ok(pem)) = (file.is_file(), fs::read_to_string(&key_file)) {
        let key = KeyPair::from_pem(&pem).map_err(certificate(key_file.display().to_string()))?;
        return Ok((Issuer::new(params, key), false));
    }
    let key = new_key()?;
    let signed = params.self_signed(&key).map_err(certificate("the CA"))?;
    write(&key_file, key.serialize_pem().as_bytes())?;
    publish(&file, signed.pem().as_bytes())?;
    Ok((Issuer::new(params, key), true))
}

fn new_key() -> Result<KeyPair, TlsError> {
    KeyPair::generate().map_err(certificate("a new key"))
}

fn name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// From yesterday, for clocks that are behind.
fn last(params: &mut CertificateParams, days: i64) {
    let date = |days| {
        let date = (Utc::now() + chrono::Duration::days(days)).date_naive();
        // Months and days of the calendar are below 32.
        rcgen::date_time_ymd(date.year(), date.month() as u8, date.day() as u8)
    };
    (params.not_before, params.not_after) = (date(-1), date(days));
}

fn today() -> i64 {
    Utc::now().timestamp().div_euclid(86_400)
}

fn write(path: &Path, contents: &[u8]) -> Result<(), TlsError> {
    private::write(path, contents).map_err(unusable(path))
}

fn publish(path: &Path, contents: &[u8]) -> Result<(), TlsError> {
    private::publish(path, contents).map_err(unusable(path))
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    let path = path.to_owned();
    move |source| TlsError::File { path, source }
}

fn certificate(what: impl Into<String>) -> impl FnOnce(rcgen::Error) -> TlsError {
    let what = what.into();
    move |source| TlsError::Certificate { what, source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names() -> impl Iterator<Item = String> {
        ["localhost", "127.0.0.1", "::1", ""]
            .map(str::to_owned)
            .into_iter()
    }

    fn contents(folder: &Path) -> Vec<Vec<u8>> {
        ["ca.pem", "ca.key", "server.pem", "server.key"]
            .map(|file| fs::read(folder.join(file)).unwrap())
            .into()
    }

    #[test]
    fn certificates_stay_until_a_name_is_new_or_their_end_is_near() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        ensure(folder, names()).unwrap();
        let first = contents(folder);
        for file in ["ca.key", "server.key"] {
            let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        ensure(folder, names()).unwrap();
        assert_eq!(contents(folder), first);

        ensure(folder, names().chain(["broker.example".to_owned()])).unwrap();
        let named = contents(folder);
        assert_eq!(named[..2], first[..2], "the CA is the same");
        assert_ne!(named[2], first[2]);

        let note = folder.join("server.json");
        let mut old: Note = serde_json::from_slice(&fs::read(&note).unwrap()).unwrap();
        old.ends = today() + RENEW_DAYS;
        fs::write(&note, serde_json::to_vec(&old).unwrap()).unwrap();
        ensure(folder, names().chain(["broker.example".to_owned()])).unwrap();
        assert_ne!(contents(folder)[2], named[2]);
    }

    #[test]
    fn a_lost_ca_is_made_anew_with_everything() {
        let temp = tempfile::tempdir().unwrap();
        ensure(temp.path(), names()).unwrap();
        let first = contents(temp.path());
        fs::remove_file(temp.path().join("ca.pem")).unwrap();
        ensure(temp.path(), names()).unwrap();
        let second = contents(temp.path());
        assert!(first.iter().zip(&second).all(|(a, b)| a != b));
    }
}

//! `数字签名`: Ed25519 over the SHA-256 of the file, its 32 bytes and not their hex digits; written as 128 hex digits.
//!
//! The platform's key is a file that the first start makes, readable by its owner only. Its public half lies beside
//! it, in hex, for whoever puts it into firmware. A signature that came with an upload goes out as it is, if one of
//! the known keys made it.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use store::table::firmware_package::FirmwarePackage;
use tokio::task::spawn_blocking;

use crate::files::Files;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The key's file.
    #[error("签名密钥 {} 无法读取: {source}", file.display())]
    Key {
        /// Which.
        file: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The one that came with the upload.
    #[error("程序包的数字签名不是已知密钥所签(package.trusted_keys)")]
    Unknown,
    /// The registered SHA-256.
    #[error("程序包登记的SHA-256不是64位十六进制数")]
    Digest,
}

/// Signs and verifies with the platform's key.
pub struct Signer {
    pair: Ed25519KeyPair,
    trusted: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public_key())
    }
}

impl Signer {
    /// The key in this file, which is made if it is not there; `trusted` are further public keys, hex.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn open(file: &Path, trusted: &[String]) -> Result<Self, SignatureError> {
        let pair = open(file).map_err(|source| SignatureError::Key {
            file: file.to_owned(),
            source,
        })?;
        let trusted = trusted.iter().filter_map(|key| hex::decode(key).ok());
        Ok(Self {
            trusted: trusted.collect(),
            pair,
        })
    }

    /// 64 hex digits.
    pub fn public_key(&self) -> String {
        hex::encode(self.pair.public_key())
    }

    /// Of a file's SHA-256.
    pub fn sign(&self, sha256: &[u8; 32]) -> String {
        hex::encode(self.pair.sign(sha256))
    }

    /// Whether a known key made it.
    pub fn verifies(&self, sha256: &[u8; 32], signature: &str) -> bool {
        let Ok(signature) = hex::decode(signature) else {
            return false;
        };
        let own = std::iter::once(self.pair.public_key().as_ref());
        own.chain(self.trusted.iter().map(Vec::as_slice)).any(|key| {
            UnparsedPublicKey::new(&ED25519, key)
                .verify(sha256, &signature)
                .is_ok()
        })
    }
}

fn open(file: &Path) -> io::Result<Ed25519KeyPair> {
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(file)?,
        bytes => bytes?,
    };
    let refused =
        |error: ring::error::KeyRejected| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
    let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(refused)?;
    let public = file.with_extension("pub");
    let text = format!("{}\n", hex::encode(pair.public_key()));
    if std::fs::read_to_string(&public).ok().as_deref() != Some(text.as_str()) {
        std::fs::write(&public, text)?;
    }
    Ok(pair)
}

/// Two that start at once: the one that is later takes the other's.
fn make(file: &Path) -> io::Result<Vec<u8>> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| io::Error::other("no random numbers"))?;
    let aside = file.with_extension(format!("{:016x}", rand::random::<u64>()));
    let mut options = std::fs::OpenOptions::new();
    let mut to = options.write(true).create_new(true).mode(0o600).open(&aside)?;
    to.write_all(key.as_ref())?;
    to.sync_all()?;
    let linked = std::fs::hard_link(&aside, file);
    std::fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::read(file),
    }
}

/// The one that the package carries, verified, or the platform's.
pub(super) async fn of(files: &Files, package: &FirmwarePackage) -> Result<String, SignatureError> {
    let config = files.config.clone();
    let opening = spawn_blocking(move || {
        let file = match config.package.signing_key.as_os_str().is_empty() {
            true => config.ftp.folder.join("signing.pk8"),
            false => config.package.signing_key.clone(),
        };
        Signer::open(&file, &config.package.trusted_keys)
    });
    let signer = opening.await.map_err(|error| SignatureError::Key {
        file: PathBuf::new(),
        source: io::Error::other(error),
    })??;
    let mut sha256 = [0; 32];
    hex::decode_to_slice(&package.sha256, &mut sha256).map_err(|_| SignatureError::Digest)?;
    if package.signature.is_empty() {
        return Ok(signer.sign(&sha256));
    }
    match signer.verifies(&sha256, &package.signature) {
        true => Ok(package.signature.clone()),
        false => Err(SignatureError::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys/signing.pk8");
        let first = Signer::open(&file, &[]).unwrap();
        let again = Signer::open(&file, &[]).unwrap();
        assert_eq!(first.public_key(), again.public_key());
        assert_eq!(first.sign(&[7; 32]), again.sign(&[7; 32]));
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
        assert_eq!(public.trim(), first.public_key());
        assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 2);
    }

    #[test]
    fn a_signature_holds_for_its_file_and_its_maker() {
        let folder = tempfile::tempdir().unwrap();
        let ours = Signer::open(&folder.path().join("a.pk8"), &[]).unwrap();
        let theirs = Signer::open(&folder.path().join("b.pk8"), &[]).unwrap();
        let signature = theirs.sign(&[7; 32]);
        assert_eq!(signature.len(), 128);
        assert!(theirs.verifies(&[7; 32], &signature));
        assert!(!theirs.verifies(&[8; 32], &signature));
        assert!(!ours.verifies(&[7; 32], &signature));
        let trusting = Signer::open(&folder.path().join("a.pk8"), &[theirs.public_key()]).unwrap();
        assert!(trusting.verifies(&[7; 32], &signature));
        assert!(!ours.verifies(&[7; 32], "not hex") && !ours.verifies(&[7; 32], ""));
    }

    #[test]
    fn a_file_that_is_no_key_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pk8");
        std::fs::write(&file, b"something else").unwrap();
        assert!(matches!(
            Signer::open(&file, &[]),
            Err(SignatureError::Key { .. })
        ));
        assert_eq!(std::fs::read(&file).unwrap(), b"something else");
    }
}

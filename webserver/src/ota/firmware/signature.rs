//! Signatures that come with a package: Ed25519 over the 32 bytes of its SHA-256, by one of the keys that are trusted.

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, de};

use crate::ground::ApiError;

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// Public keys whose signatures are accepted: of firmware makers.
#[derive(Debug, Clone, Default)]
pub struct TrustedKeys(Vec<Vec<u8>>);

impl<'de> Deserialize<'de> for TrustedKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let key = |text: &String| {
            bytes(text, KEY_BYTES).ok_or_else(|| {
                de::Error::custom(format!(
                    "`{text}` is no Ed25519 public key of 64 hexadecimal digits"
                ))
            })
        };
        texts.iter().map(key).collect::<Result<_, _>>().map(Self)
    }
}

/// # Errors
/// 422 for a signature that none of the keys has made; none at all is no fault.
pub(super) fn require_right(keys: &TrustedKeys, signature: &str, sha256: &[u8]) -> Result<(), ApiError> {
    if signature.is_empty() {
        return Ok(());
    }
    let signature = bytes(signature, SIGNATURE_BYTES).ok_or_else(|| {
        ApiError::invalid(
            "signature",
            "须为128位十六进制的Ed25519签名",
            "must be an Ed25519 signature of 128 hexadecimal digits",
        )
    })?;
    let right = |key: &Vec<u8>| {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(sha256, &signature)
            .is_ok()
    };
    if keys.0.iter().any(right) {
        return Ok(());
    }
    Err(ApiError::invalid(
        "signature",
        "不是受信任的公钥(ota.trusted_keys)对该文件SHA-256的签名",
        "is not a signature over the file's SHA-256 by a trusted key (ota.trusted_keys)",
    ))
}

fn bytes(hex: &str, length: usize) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    if digits.len() != 2 * length || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn only_a_trusted_key_signs() {
        let pair = |seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let (maker, stranger) = (pair(1), pair(2));
        let keys: TrustedKeys =
            serde_json::from_value(serde_json::json!([hex(maker.public_key().as_ref())])).unwrap();
        let digest = [7; 32];
        let signed = |pair: &Ed25519KeyPair, digest: &[u8]| hex(pair.sign(digest).as_ref());
        assert!(require_right(&keys, "", &digest).is_ok());
        assert!(require_right(&keys, &signed(&maker, &digest), &digest).is_ok());
        assert!(require_right(&keys, &signed(&stranger, &digest), &digest).is_err());
        assert!(require_right(&keys, &signed(&maker, &[8; 32]), &digest).is_err());
        assert!(require_right(&TrustedKeys::default(), &signed(&maker, &digest), &digest).is_err());
        assert!(require_right(&keys, "abc", &digest).is_err());
        assert!(serde_json::from_str::<TrustedKeys>("[\"00\"]").is_err());
    }
}

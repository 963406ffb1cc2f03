//! Access tokens: JWTs that say who has signed in, in which session, for a quarter of an hour. Whether that
//! session still is, is asked of Redis with every request.

use std::sync::RwLock;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
};
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};
use signature::{Signer, Verifier};

use super::{Ground, error::ApiError};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The person.
    pub(crate) sub: u64,
    /// The session.
    pub(crate) sid: String,
    /// Issued at, Unix seconds.
    pub(crate) iat: i64,
    /// Expires at, Unix seconds.
    pub(crate) exp: i64,
}

/// A secret and its name, by which tokens say with what they were signed.
#[derive(Clone)]
struct Key {
    id: String,
    secret: String,
}

impl Key {
    fn new(secret: String) -> Self {
        let id = hex(&digest::digest(&digest::SHA256, secret.as_bytes()).as_ref()[..4]);
        Self { id, secret }
    }

    fn sign(&self, claims: &Claims) -> Result<String, Error> {
        install();
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(self.secret.as_bytes()))
    }

    fn verify(&self, token: &str) -> Result<Claims, Error> {
        install();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        let key = DecodingKey::from_secret(self.secret.as_bytes());
        Ok(jsonwebtoken::decode(token, &key, &rules)?.claims)
    }
}

/// The key that this server uses.
#[derive(Default)]
pub(crate) struct Tokens {
    key: RwLock<Option<Key>>,
}

impl Ground {
    /// Signs.
    ///
    /// # Errors
    /// 503 without Redis, where the secret is.
    pub(crate) async fn sign(&self, claims: &Claims) -> Result<String, ApiError> {
        // Read anew: a Redis that has lost its data has another secret, or gets one now.
        let key = self.read_key().await?;
        key.sign(claims).map_err(|error| {
            tracing::error!(%error, "a token cannot be signed");
            ApiError::Internal
        })
    }

    /// What a token says; none if it is forged or has expired.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn verify(&self, token: &str) -> Result<Option<Claims>, ApiError> {
        let header = jsonwebtoken::decode_header(token).ok();
        let Some(id) = header.and_then(|header| header.kid) else {
            return Ok(None);
        };
        let kept = self
            .tokens
            .key
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone();
        let key = match kept {
            Some(key) if key.id == id => key,
            _ => self.read_key().await?,
        };
        Ok(key.verify(token).ok())
    }

    /// The configured secret, or the one in Redis, which whoever comes first makes.
    async fn read_key(&self) -> Result<Key, ApiError> {
        let secret = if self.auth.secret.is_empty() {
            let mine = hex(&rand::random::<[u8; 32]>());
            let (_, secret): (Option<String>, String) = redis::pipe()
                .atomic()
                .cmd("SET")
                .arg(self.keys.web_secret())
                .arg(mine)
                .arg("NX")
                .cmd("GET")
                .arg(self.keys.web_secret())
                .query_async(&mut self.redis.clone())
                .await?;
            secret
        } else {
            self.auth.secret.expose().to_owned()
        };
        let key = Key::new(secret);
        *self
            .tokens
            .key
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(key.clone());
        Ok(key)
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a text, as hexadecimal.
pub(crate) fn sha256(text: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, text).as_ref())
}

/// `jsonwebtoken` with ring's HMAC: its own providers bring whole suites of curves and RSA for one hash.
struct Hmac(hmac::Key);

impl Signer<Vec<u8>> for Hmac {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hmac {
    fn verify(&self, message: &[u8], tag: &Vec<u8>) -> Result<(), signature::Error> {
        hmac::verify(&self.0, message, tag).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hmac {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

fn only_hs256(algorithm: &Algorithm) -> Result<(), Error> {
    match algorithm {
        Algorithm::HS256 => Ok(()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_hs256(algorithm)?;
        Ok(Box::new(Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))))
    },
    verifier_factory: |algorithm, key| {
        only_hs256(algorithm)?;
        let secret = key.try_get_as_bytes()?;
        Ok(Box::new(Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret))))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Once per process; later calls change nothing.
fn install() {
    let _ = PROVIDER.install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> Claims {
        Claims {
            sub: 7,
            sid: "s".into(),
            iat: 0,
            exp,
        }
    }

    #[test]
    fn only_an_unexpired_token_of_the_same_secret_is_believed() {
        let key = Key::new("one".into());
        let token = key.sign(&claims(i64::from(u32::MAX))).unwrap();
        assert_eq!(key.verify(&token).unwrap().sub, 7);
        assert!(Key::new("two".into()).verify(&token).is_err());
        assert!(key.verify(&key.sign(&claims(1)).unwrap()).is_err());
        let mut forged = token.clone();
        forged.replace_range(token.len() - 4.., "AAAA");
        assert!(key.verify(&forged).is_err());
        // {"alg":"none"}
        let none = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert!(key.verify(&none).is_err());
    }

    /// RFC 7515, appendix A.1: what others call HS256 is what is written here.
    #[test]
    fn the_signature_is_hs256() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, secret).unwrap();
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog\
                       Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        install();
        let signed = jsonwebtoken::crypto::sign(
            message.as_bytes(),
            &EncodingKey::from_secret(&secret),
            Algorithm::HS256,
        );
        assert_eq!(signed.unwrap(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }
}

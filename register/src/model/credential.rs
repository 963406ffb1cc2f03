//! Passwords as they are kept: a salted hash that EMQX's hook and Mosquitto's plugin both can check.
//!
//! The platform makes every password itself, 24 random characters (140 bits), so no dictionary helps against the
//! hash and one round is as safe as a thousand; a reconnect storm of 20,000 logins a second has no time for more.

use std::fmt;
use std::num::NonZeroU32;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use protocol::Password;
use rand::Rng as _;
use ring::pbkdf2::{self, PBKDF2_HMAC_SHA512};

const SCHEME: &str = "pbkdf2-sha512";
/// What Mosquitto's plugin stores too.
const HASH_BYTES: usize = 64;
const SALT_BYTES: usize = 12;
const ROUNDS: u32 = 1;
/// A stored hash with more is a slip or an attack on the hook's time.
const MOST_ROUNDS: u32 = 100_000;
const PASSWORD_LETTERS: usize = 24;
/// Without 0 O 1 l I: people read these from a screen.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// The hash of a password: `pbkdf2-sha512$rounds$salt$hash`, both in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    rounds: NonZeroU32,
    salt: Box<[u8]>,
    hash: Box<[u8; HASH_BYTES]>,
}

/// A stored hash that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password's hash is not of the form pbkdf2-sha512$rounds$salt$hash")]
pub struct CredentialError;

/// A password nobody can guess.
pub fn generate_password() -> Password {
    let mut rng = rand::rng();
    let letters = (0..PASSWORD_LETTERS).map(|_| char::from(ALPHABET[rng.random_range(..ALPHABET.len())]));
    Password::new(letters.collect::<String>())
}

impl Credential {
    /// Hashes a password under a salt of its own.
    pub fn of(password: &Password) -> Self {
        let salt: [u8; SALT_BYTES] = rand::rng().random();
        let rounds = NonZeroU32::new(ROUNDS).unwrap_or(NonZeroU32::MIN);
        let mut hash = Box::new([0; HASH_BYTES]);
        pbkdf2::derive(
            PBKDF2_HMAC_SHA512,
            rounds,
            &salt,
            password.reveal().as_bytes(),
            &mut *hash,
        );
        Self {
            rounds,
            salt: salt.into(),
            hash,
        }
    }

    /// Reads a stored hash.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn parse(stored: &str) -> Result<Self, CredentialError> {
        let mut parts = stored.split('$');
        let (Some(SCHEME), Some(rounds), Some(salt), Some(hash), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(CredentialError);
        };
        let rounds: NonZeroU32 = rounds.parse().map_err(|_| CredentialError)?;
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| CredentialError);
        let hash: Box<[u8; HASH_BYTES]> = bytes(hash)?
            .into_boxed_slice()
            .try_into()
            .map_err(|_| CredentialError)?;
        if rounds.get() > MOST_ROUNDS {
            return Err(CredentialError);
        }
        Ok(Self {
            rounds,
            salt: bytes(salt)?.into(),
            hash,
        })
    }

    /// Whether this is the password, in a time that does not tell how nearly.
    pub fn verify(&self, password: &str) -> bool {
        pbkdf2::verify(
            PBKDF2_HMAC_SHA512,
            self.rounds,
            &self.salt,
            password.as_bytes(),
            &*self.hash,
        )
        .is_ok()
    }

    /// Rounds, salt and hash in base64, for the file of Mosquitto's plugin.
    pub fn parts(&self) -> (u32, String, String) {
        (
            self.rounds.get(),
            STANDARD.encode(&self.salt),
            STANDARD.encode(*self.hash),
        )
    }
}

/// As it is stored.
impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rounds, salt, hash) = self.parts();
        write!(f, "{SCHEME}${rounds}${salt}${hash}")
    }
}

/// Hashes are kept out of logs as passwords are.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_passes() {
        let password = generate_password();
        let credential = Credential::of(&password);
        assert!(credential.verify(password.reveal()));
        for wrong in [
            "",
            "x",
            &password.reveal()[1..],
            &format!("{} ", password.reveal()),
        ] {
            assert!(!credential.verify(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_stored_can_be_read_again() {
        let credential = Credential::of(&Password::new("secret"));
        assert_eq!(Credential::parse(&credential.to_string()), Ok(credential.clone()));
        assert!(!format!("{credential:?}").contains('$'));
        let good = credential.to_string();
        for bad in [
            "",
            "pbkdf2-sha512$1$AAAA",
            &good.replace("$1$", "$0$"),
            &good.replace("$1$", "$4000000000$"),
            &good.replace("sha512", "sha256"),
            &format!("{good}$"),
            &good[..good.len() - 4],
        ] {
            assert_eq!(Credential::parse(bad), Err(CredentialError), "{bad}");
        }
    }

    #[test]
    fn passwords_differ_and_are_long() {
        let (one, other) = (generate_password(), generate_password());
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), PASSWORD_LETTERS);
    }
}

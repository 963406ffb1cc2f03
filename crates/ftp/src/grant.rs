//! Who may transfer what: one file, one direction, until a moment.

use std::fmt;

use protocol::{Password, Uuid};
use rand::Rng as _;
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::OpsPath;

/// What happens to the file, as the pile sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The pile reads it.
    Download,
    /// The pile writes it.
    Upload,
}

/// What one account of the embedded server may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Hash of the password; the password itself is kept nowhere.
    pub password: String,
    /// The pile, to whose folders the path belongs.
    pub uuid: Uuid,
    /// Reading or writing.
    pub direction: Direction,
    /// The one path, as the command names it.
    pub path: String,
    /// The package that is read; 0 for an upload.
    pub package_id: u64,
    /// The end, Unix ms.
    pub expires: i64,
    /// Most bytes of an upload.
    pub quota_bytes: u64,
}

/// With which a pile signs in: made for one command, of no use after it.
#[derive(Clone)]
pub struct Credentials {
    /// The account; the key of its grant.
    pub user: String,
    /// Its password.
    pub password: Password,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.user)
    }
}

impl Credentials {
    /// A password of 128 random bits for the account `user`.
    pub fn for_user(user: impl Into<String>) -> Self {
        let secret: [u8; 16] = rand::rng().random();
        Self {
            user: user.into(),
            password: Password::new(hex::encode(secret)),
        }
    }

    /// The password that `user` has under this secret: always the same one, so that a command that is asked for
    /// again carries what its first asking carried, and nobody need keep it.
    pub fn derived(secret: &[u8], user: impl Into<String>) -> Self {
        let user = user.into();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), user.as_bytes());
        Self {
            password: Password::new(hex::encode(&tag.as_ref()[..16])),
            user,
        }
    }

    /// What is kept of the password. One round: nobody guesses 128 bits.
    pub fn hash(&self) -> String {
        hex::encode(hmac::sign(&key(&self.user), self.password.reveal().as_bytes()))
    }
}

/// The account's name is part of the hash, so that one account's hash is of no use for another.
fn key(user: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, user.as_bytes())
}

/// Whether `hash` is of this password, in a time that does not depend on how much of it is right.
pub(crate) fn matches(hash: &str, user: &str, password: &str) -> bool {
    hex::decode(hash).is_ok_and(|tag| hmac::verify(&key(user), password.as_bytes(), &tag).is_ok())
}

impl Grant {
    /// Whether this is the password, in a time that does not depend on how much of it is right.
    pub fn accepts(&self, user: &str, password: &str) -> bool {
        matches(&self.password, user, password)
    }

    /// Whether it has ended.
    pub fn is_over(&self, now: i64) -> bool {
        now >= self.expires
    }

    /// The one file; none if what was stored makes no sense, and then nothing is allowed.
    pub fn file(&self) -> Option<OpsPath> {
        let path = OpsPath::parse(&self.path)?;
        (path.uuid == self.uuid && path.direction == self.direction).then_some(path)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn grant(credentials: &Credentials) -> Grant {
        Grant {
            password: credentials.hash(),
            uuid: Uuid::parse("AAAAALFW").unwrap(),
            direction: Direction::Download,
            path: "/ops/AAAAALFW/download/a.bin".into(),
            package_id: 7,
            expires: 1000,
            quota_bytes: 0,
        }
    }

    #[test]
    fn only_the_password_of_the_same_account_is_accepted() {
        let credentials = Credentials::for_user("d1");
        let grant = grant(&credentials);
        let password = credentials.password.reveal();
        assert_eq!(password.len(), 32);
        assert!(grant.accepts("d1", password));
        assert!(!grant.accepts("d2", password));
        assert!(!grant.accepts("d1", ""));
        assert!(
            !grant.accepts("d1", &password.to_uppercase().replace('0', "O"))
                || !password.contains(char::is_alphabetic)
        );
        let emptied = Grant {
            password: String::new(),
            ..grant
        };
        assert!(!emptied.accepts("d1", "") && !emptied.accepts("d1", password));
        assert!(!format!("{credentials:?}{emptied:?}").contains(password));
    }

    #[test]
    fn a_derived_password_is_the_same_again_and_another_for_others() {
        let password = |secret: &[u8], user: &str| {
            let credentials = Credentials::derived(secret, user);
            credentials.password.reveal().to_owned()
        };
        assert_eq!(password(b"s", "l1"), password(b"s", "l1"));
        assert_ne!(password(b"s", "l1"), password(b"s", "l2"));
        assert_ne!(password(b"s", "l1"), password(b"t", "l1"));
        assert_eq!(password(b"s", "l1").len(), 32);
    }

    #[test]
    fn a_grant_ends_at_its_moment() {
        let grant = grant(&Credentials::for_user("d1"));
        assert!(!grant.is_over(999) && grant.is_over(1000));
    }

    #[test]
    fn a_grant_that_contradicts_itself_allows_nothing() {
        let grant = grant(&Credentials::for_user("d1"));
        assert!(grant.file().is_some());
        let other = Uuid::parse("AAAAALFX").unwrap();
        assert_eq!(
            Grant {
                uuid: other,
                ..grant.clone()
            }
            .file(),
            None
        );
        assert_eq!(
            Grant {
                direction: Direction::Upload,
                ..grant.clone()
            }
            .file(),
            None
        );
        assert_eq!(
            Grant {
                path: "/etc/passwd".into(),
                ..grant
            }
            .file(),
            None
        );
    }

    #[test]
    fn a_grant_is_stored_as_it_was_agreed() {
        let credentials = Credentials::for_user("d1");
        let stored = serde_json(&grant(&credentials));
        assert!(
            stored.contains(r#""direction":"download""#) && stored.contains(r#""uuid":"AAAAALFW""#),
            "{stored}"
        );
    }

    fn serde_json(grant: &Grant) -> String {
        ::serde_json::to_string(grant).unwrap()
    }
}

//! Passwords: argon2id, a few at a time, off the threads that serve.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use rand::{Rng as _, distr::slice::Choose};
use tokio::sync::Semaphore;

use super::{error::ApiError, language::Text};

/// Characters, not bytes.
const SHORTEST: usize = 10;
const LONGEST: usize = 128;

/// What is verified when there is no such account, so that it takes as long as when there is.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody").unwrap_or_default());

/// Each hash takes 19 MiB and a core for a while: as many at once as there are cores, the rest waits.
#[derive(Debug)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(cores)),
        }
    }
}

impl Passwords {
    /// The hash in PHC format, with a random salt.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        self.run(move || hash(&password)).await?.ok_or(ApiError::Internal)
    }

    /// Whether it is the password; `None` as hash takes as long and says no.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ApiError> {
        self.run(move || {
            let right = verify(&password, stored.as_ref().unwrap_or(&NOBODY));
            right && stored.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| ApiError::Internal)?;
        let work = move || {
            let _place = place;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "hashing a password panicked");
            ApiError::Internal
        })
    }
}

fn hash(password: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .inspect_err(|error| tracing::error!(%error, "a password cannot be hashed"))
        .ok()
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        Argon2::default()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

/// # Errors
/// 422 for a password that is too short, of one kind of character only, or tells the account.
pub(crate) fn check(field: &'static str, password: &str, account: &str) -> Result<(), ApiError> {
    let length = password.chars().count();
    let refuse = |zh, en| Err(ApiError::invalid(field, zh, en));
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(ApiError::Invalid {
            field: field.into(),
            rule: Text::of(
                format!("长度须为{SHORTEST}到{LONGEST}个字符"),
                format!("must have {SHORTEST} to {LONGEST} characters"),
            ),
        });
    }
    let letters = password.chars().any(char::is_alphabetic);
    if !letters || password.chars().all(char::is_alphabetic) {
        return refuse(
            "须同时含有字母和其他字符",
            "must have letters and other characters",
        );
    }
    if !account.is_empty() && password.to_lowercase().contains(&account.to_lowercase()) {
        return refuse("不能含有账号", "must not contain the account");
    }
    Ok(())
}

/// A password for somebody who will change it: 20 letters and digits that cannot be taken for each other,
/// 116 bits.
pub(crate) fn generate() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let letters = Choose::new(LETTERS).expect("there are letters");
    loop {
        let password: String = rand::rng()
            .sample_iter(letters)
            .take(20)
            .map(|letter| char::from(*letter))
            .collect();
        if check("password", &password, "").is_ok() {
            return password;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_argon2id_and_verifies_only_its_password() {
        let stored = hash("Correct-horse-1").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("Correct-horse-1", &stored) && !verify("correct-horse-1", &stored));
        assert!(!verify("x", "") && !verify("x", "$argon2id$"));
    }

    #[test]
    fn weak_passwords_are_refused() {
        for weak in [
            "Short-1",
            "abcdefghijkl",
            "1234567890123",
            "my-Zhang-2026",
            &"a1".repeat(65),
        ] {
            assert!(check("password", weak, "zhang").is_err(), "{weak}");
        }
        assert!(check("password", "电池-battery-2026", "zhang").is_ok());
        assert_ne!(generate(), generate());
    }
}

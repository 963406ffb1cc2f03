//! Who may come in: the account of a grant with its password; `anonymous` where the server is open.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use unftp_core::auth::{
    AuthenticationError, Authenticator, Credentials, Principal, UserDetail, UserDetailError,
    UserDetailProvider,
};

use super::Grants;
use super::seats::{Seat, Seats};

/// The account of old firmware, and its other name.
const ANONYMOUS: [&str; 2] = ["anonymous", "ftp"];
/// A wrong password costs this long.
const WRONG: Duration = Duration::from_secs(1);
/// After so many, an account is not let in from that address, whatever it says…
const MOST_WRONG: u32 = 5;
/// …for so long after the last.
const PENALTY: Duration = Duration::from_secs(60);
/// Most addresses and accounts remembered; beyond, the oldest are forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// A connection that has signed in.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) open: bool,
    _seat: Seat,
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.user)
    }
}

impl UserDetail for Session {}

#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) grants: Arc<dyn Grants>,
    pub(crate) open: bool,
    pub(crate) most_per_user: usize,
    seats: Seats,
    wrong: Mutex<Wrong>,
}

impl Door {
    pub(crate) fn new(grants: Arc<dyn Grants>, open: bool, most_per_user: usize) -> Self {
        Self {
            grants,
            open,
            most_per_user,
            seats: Seats::default(),
            wrong: Mutex::default(),
        }
    }

    fn wrong(&self) -> std::sync::MutexGuard<'_, Wrong> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn knows(&self, user: &str, password: &str) -> Result<bool, AuthenticationError> {
        let grant = self.grants.of_user(user).await.map_err(|error| {
            warn!(user, %error, "nobody can say whether a pile may come in");
            AuthenticationError::with_source("grants cannot be read", error)
        })?;
        // A password is looked at also where there is no account, so that both take as long.
        let nobody = crate::Credentials::for_user(user).hash();
        let hash = grant
            .as_ref()
            .map_or(nobody.as_str(), |grant| grant.password.as_str());
        let right = crate::grant::matches(hash, user, password);
        Ok(right && grant.is_some_and(|grant| !grant.is_over(super::now())))
    }
}

#[async_trait]
impl Authenticator for Door {
    async fn authenticate(&self, user: &str, given: &Credentials) -> Result<Principal, AuthenticationError> {
        let principal = Principal {
            username: user.to_owned(),
        };
        if is_anonymous(user) {
            return if self.open {
                Ok(principal)
            } else {
                Err(AuthenticationError::BadUser)
            };
        }
        let who = (given.source_ip, user.to_owned());
        if self.wrong().is_barred(&who, Instant::now()) {
            tokio::time::sleep(WRONG).await;
            return Err(AuthenticationError::BadPassword);
        }
        if self
            .knows(user, given.password.as_deref().unwrap_or_default())
            .await?
        {
            self.wrong().forget(&who);
            return Ok(principal);
        }
        info!(user, address = %given.source_ip, "a wrong account or password at the FTP server");
        self.wrong().remember(who, Instant::now());
        tokio::time::sleep(WRONG).await;
        Err(AuthenticationError::BadPassword)
    }

    fn name(&self) -> &str {
        "grants"
    }
}

#[async_trait]
impl UserDetailProvider for Door {
    type User = Session;

    async fn provide_user_detail(&self, principal: &Principal) -> Result<Session, UserDetailError> {
        let open = is_anonymous(&principal.username);
        let user = if open { ANONYMOUS[0] } else { &principal.username };
        match self.seats.take(user, self.most_per_user) {
            Some(seat) => Ok(Session {
                user: user.to_owned(),
                open,
                _seat: seat,
            }),
            None => {
                info!(user, "an account has too many FTP connections");
                Err(UserDetailError::new("too many connections"))
            }
        }
    }
}

/// The door as one connection comes to it: it tells when somebody has signed in.
#[derive(Debug)]
pub(crate) struct Porch {
    pub(crate) door: Arc<Door>,
    pub(crate) signed_in: CancellationToken,
}

#[async_trait]
impl Authenticator for Porch {
    async fn authenticate(&self, user: &str, given: &Credentials) -> Result<Principal, AuthenticationError> {
        self.door.authenticate(user, given).await
    }

    fn name(&self) -> &str {
        self.door.name()
    }
}

#[async_trait]
impl UserDetailProvider for Porch {
    type User = Session;

    async fn provide_user_detail(&self, principal: &Principal) -> Result<Session, UserDetailError> {
        let session = self.door.provide_user_detail(principal).await?;
        self.signed_in.cancel();
        Ok(session)
    }
}

fn is_anonymous(user: &str) -> bool {
    ANONYMOUS.iter().any(|name| name.eq_ignore_ascii_case(user))
}

/// Wrong passwords by address and account.
#[derive(Debug, Default)]
struct Wrong(HashMap<(IpAddr, String), (u32, Instant)>);

impl Wrong {
    fn is_barred(&self, who: &(IpAddr, String), now: Instant) -> bool {
        self.0
            .get(who)
            .is_some_and(|(times, last)| *times >= MOST_WRONG && now.duration_since(*last) < PENALTY)
    }

    fn remember(&mut self, who: (IpAddr, String), now: Instant) {
        if self.0.len() >= MOST_REMEMBERED {
            self.0.retain(|_, (_, last)| now.duration_since(*last) < PENALTY);
        }
        if self.0.len() >= MOST_REMEMBERED {
            self.0.clear();
        }
        let (times, last) = self.0.entry(who).or_insert((0, now));
        *times = if now.duration_since(*last) < PENALTY {
            *times + 1
        } else {
            1
        };
        *last = now;
    }

    fn forget(&mut self, who: &(IpAddr, String)) {
        self.0.remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_passwords_bar_an_account_for_a_minute() {
        let mut wrong = Wrong::default();
        let who = (IpAddr::from([10, 0, 0, 1]), "d1".to_owned());
        let start = Instant::now();
        for _ in 0..MOST_WRONG {
            assert!(!wrong.is_barred(&who, start));
            wrong.remember(who.clone(), start);
        }
        assert!(wrong.is_barred(&who, start));
        assert!(!wrong.is_barred(&(who.0, "d2".to_owned()), start));
        assert!(!wrong.is_barred(&who, start + PENALTY));
        wrong.remember(who.clone(), start + PENALTY);
        assert!(!wrong.is_barred(&who, start + PENALTY));
        wrong.forget(&who);
        assert!(wrong.0.is_empty());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut wrong = Wrong::default();
        let start = Instant::now();
        for nth in 0..MOST_REMEMBERED + 5 {
            wrong.remember((IpAddr::from([10, 0, 0, 1]), nth.to_string()), start);
        }
        assert!(wrong.0.len() <= MOST_REMEMBERED);
    }
}

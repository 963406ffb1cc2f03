//! `AuthSession`: that somebody has signed in, in Redis, where it can be ended at once.

use serde::{Deserialize, Serialize};

use super::{
    Ground,
    error::ApiError,
    token::{Claims, hex, sha256},
};

/// What Redis holds of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthSession {
    /// The person.
    pub(crate) user_id: u64,
    /// When it began, Unix ms: over if the password has been changed since.
    pub(crate) began: i64,
    /// From where: IP address.
    pub(crate) address: String,
}

/// What the caller gets when he signs in or renews.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Tokens {
    /// 访问令牌, 放在请求头 Authorization: Bearer 之后 Access token, for `Authorization: Bearer …`
    access_token: String,
    /// 访问令牌有效期, 秒 How long it lasts, seconds
    expires_in: u64,
    /// 刷新令牌, 只能用一次 Refresh token, for one use
    refresh_token: String,
}

/// A hash per session: `session` as JSON, `refresh` the hash of the token that may renew it. A token that has
/// been used before ends the session: somebody has a copy.
const RENEW: &str = "\
local held = redis.call('HGET', KEYS[1], 'refresh')
if not held then return 0 end
if held ~= ARGV[1] then redis.call('DEL', KEYS[1]) return 0 end
redis.call('HSET', KEYS[1], 'refresh', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1";

impl Ground {
    /// Begins a session.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn begin_session(&self, session: &AuthSession) -> Result<Tokens, ApiError> {
        let id = hex(&rand::random::<[u8; 16]>());
        let secret = hex(&rand::random::<[u8; 32]>());
        let text = serde_json::to_string(session).map_err(|_| ApiError::Internal)?;
        let key = self.keys.session(&id);
        redis::pipe()
            .atomic()
            .cmd("HSET")
            .arg(&key)
            .arg("session")
            .arg(text)
            .arg("refresh")
            .arg(sha256(secret.as_bytes()))
            .ignore()
            .cmd("PEXPIRE")
            .arg(&key)
            .arg(self.auth.session.as_millis() as u64)
            .ignore()
            .exec_async(&mut self.redis.clone())
            .await?;
        self.tokens_of(session.user_id, id, &secret).await
    }

    /// Renews a session by its refresh token; none if that is not the one.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn renew_session(
        &self,
        refresh_token: &str,
    ) -> Result<Option<(AuthSession, Tokens)>, ApiError> {
        let Some((id, secret)) = refresh_token.split_once('.') else {
            return Ok(None);
        };
        let next = hex(&rand::random::<[u8; 32]>());
        let renewed: u8 = redis::cmd("EVAL")
            .arg(RENEW)
            .arg(1)
            .arg(self.keys.session(id))
            .arg(sha256(secret.as_bytes()))
            .arg(sha256(next.as_bytes()))
            .arg(self.auth.session.as_millis() as u64)
            .query_async(&mut self.redis.clone())
            .await?;
        if renewed == 0 {
            return Ok(None);
        }
        match self.session(id).await?.0 {
            Some(session) => {
                let tokens = self.tokens_of(session.user_id, id.to_owned(), &next).await?;
                Ok(Some((session, tokens)))
            }
            None => Ok(None),
        }
    }

    /// A session that still is, and the directory's sign, in one question.
    pub(crate) async fn session(&self, id: &str) -> Result<(Option<AuthSession>, String), ApiError> {
        let (session, sign): (Option<String>, Option<String>) = redis::pipe()
            .cmd("HGET")
            .arg(self.keys.session(id))
            .arg("session")
            .cmd("GET")
            .arg(self.keys.web_directory())
            .query_async(&mut self.redis.clone())
            .await?;
        let session = session.and_then(|text| serde_json::from_str(&text).ok());
        Ok((session, sign.unwrap_or_default()))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// 503 without Redis.
    pub(crate) async fn end_session(&self, id: &str) -> Result<(), ApiError> {
        redis::cmd("DEL")
            .arg(self.keys.session(id))
            .exec_async(&mut self.redis.clone())
            .await?;
        Ok(())
    }

    async fn tokens_of(&self, user_id: u64, sid: String, secret: &str) -> Result<Tokens, ApiError> {
        let iat = store::versioned::now() / 1000;
        let expires_in = self.auth.access.as_secs();
        let refresh_token = format!("{sid}.{secret}");
        let claims = Claims {
            sub: user_id,
            sid,
            iat,
            exp: iat + expires_in as i64,
        };
        Ok(Tokens {
            access_token: self.sign(&claims).await?,
            expires_in,
            refresh_token,
        })
    }
}

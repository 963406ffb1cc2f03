//! Guessing passwords is made slow: after a few attempts, each further one has to wait twice as long, by account
//! (one password after the other) and by address (one account after the other). Attempts are counted before the
//! password is looked at, so that many at once gain nothing.

use crate::ground::{ApiError, Ground, token::sha256};

/// How attempts are counted.
struct Rule {
    kind: &'static str,
    /// Attempts without a wait.
    free: u32,
    /// The longest wait, seconds.
    longest: u32,
}

/// Somebody who wants to lock another out can do so for a minute at most at a time.
const ACCOUNT: Rule = Rule {
    kind: "account",
    free: 5,
    longest: 60,
};
/// Many people may share an address.
const ADDRESS: Rule = Rule {
    kind: "address",
    free: 30,
    longest: 300,
};
/// Attempts are forgotten after an hour without one.
const FORGET_MS: u32 = 3_600_000;

/// Counts an attempt; gives how many ms to wait if it comes too early.
const COUNT: &str = "\
local wait = redis.call('PTTL', KEYS[1] .. ':wait')
if wait > 0 then return wait end
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local over = count - ARGV[1]
if over >= 0 then
  local seconds = math.min(2 ^ math.min(over, 20), tonumber(ARGV[2]))
  redis.call('SET', KEYS[1] .. ':wait', '1', 'PX', string.format('%.0f', seconds * 1000))
end
return 0";

/// # Errors
/// 429 with the seconds to wait, 503 without Redis.
pub(super) async fn attempt(ground: &Ground, account: &str, address: &str) -> Result<(), ApiError> {
    for (rule, who) in [(&ADDRESS, address), (&ACCOUNT, account)] {
        let wait: u64 = redis::cmd("EVAL")
            .arg(COUNT)
            .arg(1)
            .arg(key(ground, rule, who))
            .arg(rule.free)
            .arg(rule.longest)
            .arg(FORGET_MS)
            .query_async(&mut ground.redis.clone())
            .await?;
        if wait > 0 {
            return Err(ApiError::TooMany(wait.div_ceil(1000)));
        }
    }
    Ok(())
}

/// The right password: the account starts anew. The address gets only this one attempt back, or one known
/// account would pay for guessing at all others.
///
/// # Errors
/// 503 without Redis.
pub(super) async fn succeeded(ground: &Ground, account: &str, address: &str) -> Result<(), ApiError> {
    let account = key(ground, &ACCOUNT, account);
    redis::pipe()
        .cmd("DEL")
        .arg(&account)
        .arg(format!("{account}:wait"))
        .ignore()
        .cmd("DECR")
        .arg(key(ground, &ADDRESS, address))
        .ignore()
        .exec_async(&mut ground.redis.clone())
        .await?;
    Ok(())
}

/// Hashed: what people type as an account may be anything, also their password. The braces keep both keys of
/// one counter on one node of a cluster.
fn key(ground: &Ground, rule: &Rule, who: &str) -> String {
    let who = format!("{{{}}}", &sha256(who.as_bytes())[..32]);
    ground.keys.web_login(rule.kind, &who)
}

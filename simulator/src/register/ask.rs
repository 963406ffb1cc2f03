//! One request for registration, over a connection without credentials.

use std::time::Duration;

use bytes::Bytes;
use protocol::reply::RegisterResult;
use protocol::{Outcome, Uuid};
use serde_json::Value;
use tokio::time::timeout;

use super::Credentials;
use crate::link::{Heard, Link};
use crate::world::World;

/// Connecting and an answer. Asking again while the platform still works on it would only give it more to do.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const SUBSCRIBE_PKID: u16 = 1;
const PUBLISH_PKID: u16 = 2;

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 成功
    Registered(Credentials),
    /// 待审核
    Held,
    /// 失败, with the platform's reason.
    Refused(String),
    /// There was none; why, for people.
    None(String),
}

/// Asks for the TCU with this factory number: `request` is its 注册申请.
pub(crate) async fn ask(world: &World, index: u32, sn: &str, request: Vec<u8>) -> Answer {
    let asked = timeout(ANSWER_WITHIN, converse(world, index, sn, request));
    match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(why)) => Answer::None(why),
        Err(_) => Answer::None("no result of the registration in time".to_owned()),
    }
}

async fn converse(world: &World, index: u32, sn: &str, request: Vec<u8>) -> Result<Answer, String> {
    let mut hello = world.hello(sn.to_owned());
    hello.login = None;
    let opened = world.open(world.broker(index), &hello).await;
    let mut link = opened.map_err(|error| error.to_string())?;
    let result = world.topics.register_result(sn);
    let answer = answered(&mut link, world, &result, request).await;
    // Whatever it was: nobody has to send a will for this one.
    link.say(|version, out| version.disconnect(out));
    let _ = link.flush().await;
    answer
}

async fn answered(link: &mut Link, world: &World, result: &str, request: Vec<u8>) -> Result<Answer, String> {
    let lost = |error: std::io::Error| error.to_string();
    let filter = [result.to_owned()];
    link.say(|version, out| version.subscribe(&filter, SUBSCRIBE_PKID, out));
    link.flush().await.map_err(lost)?;
    let mut request = Some(Bytes::from(request));
    loop {
        match link.hear().await.map_err(lost)? {
            Heard::Subscribed(false) => return Err("the broker refused to let it read its result".to_owned()),
            // Only now, so that the result cannot be missed.
            Heard::Subscribed(true) => {
                if let Some(request) = request.take() {
                    world.stats.count_sent("注册申请", request.len());
                    let topic = world.topics.register();
                    link.say(|version, out| {
                        version.publish(topic, request, PUBLISH_PKID, false, false, out);
                    });
                    link.flush().await.map_err(lost)?;
                }
            }
            Heard::Publish {
                pkid,
                needs_ack,
                payload,
                ..
            } => {
                if needs_ack {
                    link.say(|version, out| version.puback(pkid, out));
                    link.flush().await.map_err(lost)?;
                }
                world.stats.count_heard("注册结果", payload.len());
                if let Some(answer) = read(&payload) {
                    return Ok(answer);
                }
            }
            Heard::Disconnected => return Err("the broker disconnected".to_owned()),
            _ => {}
        }
    }
}

/// None if it is no 注册结果.
fn read(payload: &[u8]) -> Option<Answer> {
    let message: Value = serde_json::from_slice(payload).ok()?;
    if message["命令"] != "注册结果" {
        return None;
    }
    let result: RegisterResult = serde_json::from_value(message).ok()?;
    let reason = result.reason.unwrap_or_default();
    Some(
        match (result.outcome, result.uuid, result.user, result.password) {
            (Outcome::Success, Some(uuid), Some(username), Some(password)) => {
                Answer::Registered(credentials(uuid, username, password.reveal()))
            }
            (Outcome::Success, ..) => Answer::Refused("a result without credentials".to_owned()),
            (Outcome::Pending, ..) => Answer::Held,
            (Outcome::Failure, ..) => Answer::Refused(reason),
        },
    )
}

fn credentials(uuid: Uuid, username: String, password: &str) -> Credentials {
    Credentials {
        uuid,
        username: username.into(),
        password: password.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_understood() {
        let given = r#"{"命令":"注册结果","结果":"成功","uuid":"AAAAAMWY","用户名":"AAAAAMWX","密码":"p"}"#;
        let Some(Answer::Registered(credentials)) = read(given.as_bytes()) else {
            panic!("{given}");
        };
        assert_eq!(credentials.uuid.to_string(), "AAAAAMWY");
        assert_eq!(
            (&*credentials.username, &*credentials.password),
            ("AAAAAMWX", "p")
        );
        let held = r#"{"命令":"注册结果","结果":"待审核"}"#;
        assert!(matches!(read(held.as_bytes()), Some(Answer::Held)));
        let refused = r#"{"命令":"注册结果","结果":"失败","失败原因":"已停用"}"#;
        assert!(matches!(read(refused.as_bytes()), Some(Answer::Refused(why)) if why == "已停用"));
        let hollow = r#"{"命令":"注册结果","结果":"成功"}"#;
        assert!(matches!(read(hollow.as_bytes()), Some(Answer::Refused(_))));
        assert!(read(b"{}").is_none() && read(b"?").is_none());
    }
}

//! What is asked for on `PXY/{uuid}/cmd`: the command as the pile is to get it, and beside it the caller's own keys.

use protocol::downlink::Downlink;
use protocol::{EnvelopeError, Uuid};
use serde_json::{Map, Value};
use store::table::command_record::State;

use super::deliver::{send_ready, withdraw};
use super::report::{self, CALLER, Step, refuse, refuse_for};
use crate::fleet::commands::{Command, fingerprint};
use crate::fleet::turn::{Core, Turn};

const SOURCE: &str = "来源";
const TIMEOUT: &str = "超时_秒";
/// Takes a command back.
const WITHDRAW: &str = "撤销";
/// Who asked, where the caller does not say.
const PLATFORM: &str = "平台";
/// A deadline further off than this is a slip: 30 days.
const LONGEST_TIMEOUT_S: u64 = 30 * 86_400;
const LONGEST_CALLER: usize = 128;
const LONGEST_SOURCE: usize = 64;
/// A redelivered command without a mark is taken for the one of the same contents that is not older than this, ms.
const REDELIVERED: i64 = 3_600_000;

/// A command that somebody asks for.
#[derive(Debug, PartialEq)]
struct Asked {
    caller: String,
    source: String,
    /// ms; none for the usual one.
    timeout: Option<i64>,
    what: What,
}

#[derive(Debug, PartialEq)]
enum What {
    Command(Box<Downlink>),
    Withdraw,
}

/// Why it is not taken, and what could be read of it.
#[derive(Debug, PartialEq)]
struct Unfit {
    caller: String,
    command: String,
    reason: String,
}

/// A key of the caller's own: none if it is absent, an error if it is no such text.
fn own(object: &mut Map<String, Value>, key: &str, longest: usize) -> Result<Option<String>, String> {
    match object.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= longest => Ok(Some(text)),
        Some(_) => Err(format!("{key}须为至多 {longest} 字节的文本")),
    }
}

fn read(payload: &[u8]) -> Result<Asked, Unfit> {
    let unfit = |caller: &str, command: &str, reason: String| Unfit {
        caller: caller.to_owned(),
        command: command.to_owned(),
        reason,
    };
    let mut object = match serde_json::from_slice::<Value>(payload) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(unfit("", "", "报文须为一个 JSON 对象 (object)".to_owned())),
        Err(error) => return Err(unfit("", "", format!("报文不是 JSON: {error}"))),
    };
    let command = object
        .get("命令")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let caller = own(&mut object, CALLER, LONGEST_CALLER)
        .map_err(|reason| unfit("", &command, reason))?
        .unwrap_or_default();
    let unfit = |reason| unfit(&caller, &command, reason);
    let source = own(&mut object, SOURCE, LONGEST_SOURCE).map_err(unfit)?;
    let timeout = match object.remove(TIMEOUT) {
        None => None,
        Some(value) => match value.as_u64() {
            Some(seconds @ 1..=LONGEST_TIMEOUT_S) => Some((seconds * 1000) as i64),
            _ => return Err(unfit(format!("{TIMEOUT}须为 1 至 {LONGEST_TIMEOUT_S} 的整数"))),
        },
    };
    let what = if command == WITHDRAW {
        if caller.is_empty() {
            return Err(unfit(format!("{WITHDRAW}须带要撤销的命令的{CALLER}")));
        }
        What::Withdraw
    } else {
        match Downlink::parse(Value::Object(object).to_string().as_bytes()) {
            Ok((_, command)) => What::Command(Box::new(command)),
            Err(EnvelopeError::Json(error)) => return Err(unfit(format!("命令的字段有误: {error}"))),
            Err(EnvelopeError::Unknown(name)) => {
                return Err(unfit(format!(
                    "没有名为“{name}”的命令，可用的见协议文档的下行命令"
                )));
            }
        }
    };
    Ok(Asked {
        source: source
            .filter(|s| !s.is_empty())
            .unwrap_or_else(|| PLATFORM.to_owned()),
        timeout,
        what,
        caller,
    })
}

/// Takes what came on `PXY`; `again` if the broker marks it as delivered before.
pub(in crate::fleet) fn proxied(turn: &mut Turn<'_>, link: u8, payload: &[u8], again: bool) {
    let asked = match read(payload) {
        Ok(asked) => asked,
        Err(unfit) => return refuse(turn, Some(link), (&unfit.caller, &unfit.command), &unfit.reason),
    };
    match &asked.what {
        What::Withdraw => withdraw(turn, link, &asked.caller),
        What::Command(command) => {
            let known = if asked.caller.is_empty() {
                again && is_repeated(turn, command)
            } else {
                tell_known(turn, &asked.caller)
            };
            if known {
                turn.core.tally.count("ops_tcu_commands_total", "repeated");
            } else {
                ask(turn, link, command, &asked);
            }
        }
    }
}

/// Tells where the command under this mark stands; false if there is none.
pub(super) fn tell_known(turn: &mut Turn<'_>, caller: &str) -> bool {
    let open = turn
        .session
        .commands
        .as_ref()
        .and_then(|commands| commands.find(|c| c.caller == caller));
    if let Some(command) = open.cloned() {
        let state = if command.sent == 0 {
            State::Queued
        } else {
            State::Sent
        };
        report::tell(turn, &command, &Step::of(state));
        return true;
    }
    let ended = turn
        .core
        .ended
        .find(turn.session.device_id, |e| e.command.caller == caller);
    let Some(ended) = ended.cloned() else { return false };
    report::tell(turn, &ended.command, &Step::again(&ended));
    true
}

/// A command without a mark that the broker delivers again: whether it has been taken already.
fn is_repeated(turn: &mut Turn<'_>, command: &Downlink) -> bool {
    let print = fingerprint(&String::from_utf8(command.to_json(0)).unwrap_or_default());
    let since = turn.now - REDELIVERED;
    let same = |c: &Command| c.caller.is_empty() && c.created > since && c.kind == command.command();
    let commands = turn.session.commands.as_ref();
    commands.is_some_and(|all| all.find(|c| same(c) && fingerprint(&c.body) == print).is_some())
        || turn
            .core
            .ended
            .find(turn.session.device_id, |e| same(&e.command) && e.print == print)
            .is_some()
}

fn ask(turn: &mut Turn<'_>, link: u8, downlink: &Downlink, asked: &Asked) {
    if let Err(refused) = turn.session.commands().has_room() {
        let whose = (asked.caller.as_str(), downlink.command());
        return refuse(turn, Some(link), whose, &refused.to_string());
    }
    let reqid = turn.session.next_reqid(turn.now);
    let body = String::from_utf8(downlink.to_json(reqid)).unwrap_or_default();
    let mut command = Command {
        kind: downlink.command().into(),
        repeat: downlink.repeat(),
        reqid,
        caller: asked.caller.as_str().into(),
        source: asked.source.as_str().into(),
        link: Some(link),
        body: body.into(),
        created: turn.now,
        sent: 0,
        last: 0,
        deadline: turn.now + asked.timeout.unwrap_or(turn.core.rules.command_timeout),
        version: 0,
        attempts: 0,
        retry_at: 0,
        progress: 0,
        accepted: 0,
        listed: false,
        returned: false,
        lacks_password: false,
    };
    report::keep_password(turn, &command);
    report::step(turn, &mut command, &Step::of(State::Queued));
    turn.session.commands().wait(command);
    turn.commanding();
    send_ready(turn);
}

/// Answers a command for a uuid that no asset has.
pub(in crate::fleet) fn to_nobody(core: &mut Core, uuid: Uuid, link: u8, payload: &[u8], now: i64) {
    let asked = serde_json::from_slice::<Value>(payload).unwrap_or_default();
    let text = |key: &str| {
        asked[key]
            .as_str()
            .filter(|text| text.len() <= LONGEST_CALLER)
            .unwrap_or_default()
    };
    refuse_for(
        core,
        uuid,
        Some(link),
        (text(CALLER), text("命令")),
        "无此桩",
        now,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_own_keys_are_read_and_taken_out() {
        let asked =
            read(r#"{"命令":"重启","延时_秒":5,"请求标识":"m","来源":"web:alice","超时_秒":7}"#.as_bytes())
                .unwrap();
        let own = (asked.caller.as_str(), asked.source.as_str(), asked.timeout);
        assert_eq!(own, ("m", "web:alice", Some(7000)));
        let What::Command(command) = asked.what else {
            panic!("a command");
        };
        assert_eq!(
            command.to_json(1),
            r#"{"命令":"重启","reqid":1,"延时_秒":5}"#.as_bytes()
        );
        let plain = read(r#"{"命令":"重启"}"#.as_bytes()).unwrap();
        assert_eq!((plain.source.as_str(), plain.timeout), (PLATFORM, None));
        let withdrawn = read(r#"{"命令":"撤销","请求标识":"m"}"#.as_bytes()).unwrap();
        assert_eq!(withdrawn.what, What::Withdraw);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (payload, reason) in [
            ("[]", "object"),
            ("{", "JSON"),
            (r#"{"命令":"飞行"}"#, "飞行"),
            (r#"{"命令":"下载"}"#, "文件类型"),
            (r#"{"命令":"重启","超时_秒":0}"#, "超时_秒"),
            (r#"{"命令":"重启","请求标识":5}"#, "请求标识"),
            (r#"{"命令":"重启","来源":{}}"#, "来源"),
            (r#"{"命令":"撤销"}"#, "请求标识"),
        ] {
            let unfit = read(payload.as_bytes()).unwrap_err();
            assert!(unfit.reason.contains(reason), "{payload}: {unfit:?}");
        }
        let long = format!(r#"{{"命令":"重启","请求标识":"m","来源":"{}"}}"#, "x".repeat(65));
        let unfit = read(long.as_bytes()).unwrap_err();
        assert_eq!((unfit.caller.as_str(), unfit.command.as_str()), ("m", "重启"));
    }
}

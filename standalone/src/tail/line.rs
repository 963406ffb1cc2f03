//! One frame as one line that a person reads. Shows whatever it gets: a tool for looking must not be picky.

use protocol::{
    Frame,
    topic::{Inbound, Topics},
};
use serde_json::Value;

use super::fields::Fields;

/// Longer values are cut: a status list of a thousand points is one line as well.
const VALUE_LIMIT: usize = 60;
const LINE_LIMIT: usize = 400;

/// The line for a message on `topic`, without the time.
pub(super) fn line(topics: &Topics, topic: &str, payload: &[u8]) -> String {
    let (arrow, who) = direction(topics, topic);
    let size = payload.len();
    let (command, rest) = match Frame::read(payload) {
        Ok(frame) => contents(frame.text()),
        Err(malformed) => ("?".to_owned(), malformed.to_string()),
    };
    cut(
        format!("{arrow} {who}  {command}  {size} B  {rest}").trim_end(),
        LINE_LIMIT,
    )
}

/// `↑` from a pile, `↓` to a pile, `·` inside the platform.
fn direction(topics: &Topics, topic: &str) -> (char, String) {
    match topics.parse(topic) {
        Inbound::Msg(uuid) | Inbound::Status(uuid) | Inbound::CmdResp(uuid, _) => ('↑', uuid.to_string()),
        Inbound::Cmd(uuid) => ('↓', uuid.to_string()),
        Inbound::ProxyCmd(uuid) | Inbound::ProxyResp(uuid) => ('·', uuid.to_string()),
        Inbound::Register => ('↑', "注册".to_owned()),
        Inbound::RegisterResult(sn) => ('↓', sn.to_owned()),
        Inbound::BadUuid(_) | Inbound::Foreign => ('·', topic.to_owned()),
    }
}

fn contents(text: &str) -> (String, String) {
    let Ok(fields) = serde_json::from_str::<Fields>(text) else {
        return ("?".to_owned(), cut(text, VALUE_LIMIT));
    };
    let command = fields
        .get("命令")
        .or_else(|| fields.get("状态"))
        .map(scalar)
        .unwrap_or_default();
    let shown = fields
        .0
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "命令" | "系统时间" | "子设备编号"));
    (
        command,
        shown
            .filter_map(|(key, value)| pair(key, value))
            .collect::<Vec<_>>()
            .join(" "),
    )
}

fn pair(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => Some(points(items).unwrap_or_else(|| format!("{key}[{}]", items.len()))),
        Value::String(text) if text.is_empty() => None,
        // A password on the screen would end up in somebody's screenshot.
        _ if key == "密码" => Some("密码=***".to_owned()),
        _ => Some(format!("{key}={}", cut(&scalar(value), VALUE_LIMIT))),
    }
}

/// A list of `{"名称":…,"值":…}` as `名称=值`.
fn points(items: &[Value]) -> Option<String> {
    let texts: Option<Vec<_>> = items
        .iter()
        .map(|item| {
            Some(format!(
                "{}={}",
                item.get("名称")?.as_str()?,
                scalar(item.get("值")?)
            ))
        })
        .collect();
    texts
        .filter(|texts| !texts.is_empty())
        .map(|texts| texts.join(" "))
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// At most `limit` characters; control characters would move the cursor, so they are shown as a dot.
fn cut(text: &str, limit: usize) -> String {
    let mut shown: String = text
        .chars()
        .take(limit)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if text.chars().nth(limit).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(topic: &str, payload: &[u8]) -> String {
        line(&Topics::new("xjdy", "TCU"), topic, payload)
    }

    #[test]
    fn run_data_shows_its_points() {
        let payload = r#"{"命令":"运行数据","reqid":3,"数据分区":"1枪数据","系统时间":"2025-03-12 19:16:46+0800","状态数据":[{"名称":"工作状态","值":"空闲"},{"名称":"SOC","值":"0"}]}"#;
        assert_eq!(
            shown("/xjdy/ops/v1/TCU/AAAAALFW/msg", payload.as_bytes()),
            format!(
                "↑ AAAAALFW  运行数据  {} B  reqid=3 数据分区=1枪数据 工作状态=空闲 SOC=0",
                payload.len()
            )
        );
    }

    #[test]
    fn commands_go_down_and_passwords_are_not_shown() {
        let line = shown(
            "/xjdy/ops/v1/TCU/AAAAALFW/cmd",
            r#"{"命令":"下载","密码":"geheim","端口":21}"#.as_bytes(),
        );
        assert!(
            line.starts_with("↓ AAAAALFW  下载") && line.ends_with("密码=*** 端口=21"),
            "{line}"
        );
    }

    #[test]
    fn presence_registration_and_foreign_topics_are_named() {
        assert!(
            shown(
                "/xjdy/ops/v1/TCU/AAAAALFW/status",
                r#"{"状态":"在线"}"#.as_bytes()
            )
            .contains("在线")
        );
        assert!(shown("/xjdy/注册ops/v1", b"{}").starts_with("↑ 注册"));
        assert!(shown("/xjdy/ops/v1/TCU/short/msg", b"{}").starts_with("· /xjdy/ops/v1/TCU/short/msg"));
    }

    #[test]
    fn repeated_keys_are_all_shown() {
        let line = shown(
            "/xjdy/ops/v1/TCU/AAAAALFW/msg",
            r#"{"命令":"x","a":1,"a":2}"#.as_bytes(),
        );
        assert!(line.ends_with("a=1 a=2"), "{line}");
    }

    #[test]
    fn gb18030_is_read() {
        let payload = b"{\"\xc3\xfc\xc1\xee\":\"\xb5\xc7\xc2\xbc\"}";
        assert!(shown("/xjdy/ops/v1/TCU/AAAAALFW/msg", payload).contains("登录"));
    }

    #[test]
    fn noise_and_long_payloads_stay_one_short_line() {
        let long = format!("{{\"命令\":\"x\",\"y\":[{}0]}}", "0,".repeat(10_000));
        for payload in [
            &b"\x00\x1b[2J\xff\n"[..],
            b"",
            b"[1]",
            b"{\"a\":",
            long.as_bytes(),
            &[0x20; 300_000],
        ] {
            let line = shown("/xjdy/ops/v1/TCU/AAAAALFW/msg", payload);
            assert!(
                line.chars().count() <= LINE_LIMIT + 1 && !line.contains(['\n', '\u{1b}']),
                "{line:?}"
            );
        }
    }
}

//! A pile on the bench: told things, and asked what it put out.

use md5::Digest as _;
use serde_json::{Value, json};

use super::*;
use crate::pile::fault::FaultShare;
use crate::pile::transfer::{Event, Fetched, News, Transfer};

pub(super) const FILE: &[u8] = b"a program of a thousand lines";

/// A pile, its clock, and what it has put out since it was last asked.
pub(super) struct Bench {
    pub(super) pile: Pile,
    now: i64,
    pub(super) out: Vec<Output>,
}

impl Bench {
    pub(super) fn new(acting: Acting) -> Self {
        let mut own = Profile::clone(&profile(1, 0.0));
        own.acting = acting;
        own.charge_rate = 0.0;
        own.warning_rate = 0.0;
        let mut pile = Pile::new(Arc::new(own), Uuid::from_counter(7).unwrap(), START);
        let mut out = Vec::new();
        pile.connected(START, &mut out);
        Self {
            pile,
            now: START,
            out: Vec::new(),
        }
    }

    pub(super) fn with(fault: &str) -> Self {
        let share: FaultShare = format!("{fault}=1").parse().unwrap();
        Self::new(Acting {
            faults: vec![share],
            ..Acting::default()
        })
    }

    pub(super) fn say(&mut self, message: Value) {
        self.pile
            .hear(self.now, message.to_string().as_bytes(), &mut self.out);
    }

    pub(super) fn live(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.now += 1000;
            self.pile.tick(self.now, &mut self.out);
        }
    }

    /// Tells of the transfer that was last asked for.
    pub(super) fn tell(&mut self, event: Event) {
        let id = transfers(&self.out).last().expect("a transfer").id;
        let news = News { id, event };
        self.pile.hear_transfer(self.now, news, &mut self.out);
    }

    pub(super) fn download(&mut self, reqid: u32, version: &str) {
        self.say(download(reqid, version));
    }

    /// 命令, reqid and 结果 of all answers.
    pub(super) fn answers(&self) -> Vec<(&'static str, u64, String)> {
        messages(&self.out)
            .filter(|message| message.answers.is_some())
            .map(|message| {
                let value: Value = serde_json::from_slice(&message.payload).unwrap();
                let result = value["失败原因"].as_str().or(value["结果"].as_str());
                (
                    message.name,
                    value["reqid"].as_u64().unwrap(),
                    result.unwrap_or_default().to_owned(),
                )
            })
            .collect()
    }

    /// Whether it went off, and with which reconnection.
    pub(super) fn reconnection(&self) -> Option<output::Reconnect> {
        self.out.iter().find_map(|output| match output {
            Output::Reconnect(reconnect) => Some(reconnect.clone()),
            _ => None,
        })
    }

    pub(super) fn login(&mut self) -> String {
        self.out.clear();
        self.pile.disconnected();
        self.pile.connected(self.now, &mut self.out);
        let login = messages(&self.out)
            .find(|message| message.name == "登录")
            .unwrap();
        String::from_utf8(login.payload.to_vec()).unwrap()
    }
}

pub(super) fn transfers(out: &[Output]) -> impl Iterator<Item = &Transfer> {
    out.iter().filter_map(|output| match output {
        Output::Carry(transfer) => Some(transfer),
        _ => None,
    })
}

pub(super) fn download(reqid: u32, version: &str) -> Value {
    json!({
        "命令": "下载", "reqid": reqid, "文件类型": "程序包", "服务器地址": "192.0.2.7", "端口": "2121",
        "用户名": "one", "密码": "secret", "FTP路径": "/ops/AAAAAAAH/download/a.bin", "字节数": FILE.len(),
        "MD5": hex::encode_upper(md5::Md5::digest(FILE)), "数字签名": "", "版本号": version, "子设备编号": [],
    })
}

pub(super) fn fetched(bytes: &[u8]) -> Event {
    let sha256 = ring::digest::digest(&ring::digest::SHA256, bytes);
    Event::Fetched(Fetched {
        bytes: bytes.len() as u64,
        md5: md5::Md5::digest(bytes).into(),
        sha256: sha256.as_ref().try_into().unwrap(),
        resumed: 0,
    })
}

pub(super) fn answer(name: &'static str, reqid: u64, result: &str) -> (&'static str, u64, String) {
    (name, reqid, result.to_owned())
}

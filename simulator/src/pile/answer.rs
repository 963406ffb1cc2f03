//! How answers leave: at once and right, or as the pile's fault has it.

use bytes::Bytes;
use rand::Rng as _;

use super::Pile;
use super::commands::AnswerName;
use super::fault::Fault;
use super::job::Job;
use super::output::{Channel, Message, Output};
use crate::json::JsonText;

/// Until an answer is given again, simulated s.
const AGAIN_S: f64 = 2.0;
/// For which a pile gathers what it then says the wrong way round, simulated s.
const GATHER_S: f64 = 2.0;
/// Of a flaky pile's commands and transfers.
const FLAKY_SHARE: f64 = 1.0 / 3.0;

impl Pile {
    /// Whether what a flaky pile does now fails.
    pub(crate) fn is_flaky_now(&mut self) -> bool {
        self.fault == Some(Fault::Flaky) && self.chaos.random::<f64>() < FLAKY_SHARE
    }

    /// The reqid that the pile believes it was sent.
    pub(crate) fn told_reqid(&self, reqid: u32) -> u32 {
        if self.fault == Some(Fault::ForeignReqid) {
            reqid.wrapping_add(1)
        } else {
            reqid
        }
    }

    pub(crate) fn say_success(&mut self, name: AnswerName, now: i64, reqid: u32, out: &mut Vec<Output>) {
        let json = self.open_answer(name, "成功", now, reqid);
        self.answer(name.answer, reqid, json.finish(), now, out);
    }

    pub(crate) fn say_failure(
        &mut self,
        name: AnswerName,
        reason: &str,
        now: i64,
        reqid: u32,
        out: &mut Vec<Output>,
    ) {
        let mut json = self.open_answer(name, "失败", now, reqid);
        json.text("失败原因", reason);
        self.answer(name.answer, reqid, json.finish(), now, out);
    }

    pub(crate) fn open_answer(&self, name: AnswerName, result: &str, now: i64, reqid: u32) -> JsonText {
        let mut json = self.voice.open(name.answer, self.told_reqid(reqid), None, now);
        json.text("结果", result);
        json
    }

    /// Sends what answers the command with this reqid.
    pub(crate) fn answer(
        &mut self,
        name: &'static str,
        reqid: u32,
        payload: Vec<u8>,
        now: i64,
        out: &mut Vec<Output>,
    ) {
        let message = self.answer_message(name, self.told_reqid(reqid), payload);
        match self.fault {
            Some(Fault::Late) => {
                let at = now + self.profile.acting.late_ms;
                self.jobs.push((at, Job::Say(message)));
            }
            Some(Fault::WrongOrder) => {
                if self.gathered.is_empty() {
                    self.schedule(now, GATHER_S, Job::SayGathered);
                }
                self.gathered.push(message);
            }
            Some(Fault::Twice) => {
                self.schedule(now, AGAIN_S, Job::Say(message.clone()));
                out.push(Output::Send(message));
            }
            Some(Fault::Unasked) => {
                out.push(Output::Send(message));
                out.push(self.unasked(now));
            }
            _ => out.push(Output::Send(message)),
        }
    }

    /// An answer that nobody waits for.
    pub(crate) fn unasked(&mut self, now: i64) -> Output {
        const CLAIMED: [&str; 3] = ["更新程序并重启", "下载", "参数配置"];
        let name = AnswerName::of(CLAIMED[self.chaos.random_range(0..CLAIMED.len())]);
        let reqid = self.chaos.random();
        let json = self.open_answer(name, "成功", now, reqid);
        Output::Send(self.answer_message(name.answer, reqid, json.finish()))
    }

    fn answer_message(&self, name: &'static str, reqid: u32, payload: Vec<u8>) -> Message {
        let channel = if self.voice.firmware.cmd_resp {
            Channel::CmdResp
        } else {
            Channel::Msg
        };
        Message {
            channel,
            name,
            payload: Bytes::from(payload),
            record: None,
            answers: Some(reqid),
        }
    }
}

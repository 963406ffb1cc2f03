//! What a TCU says of itself: serial number, model, SIM card, versions.

use super::profile::Profile;
use super::voice::Voice;

const MODELS: [(&str, f64); 4] = [
    ("XJ-DC060", 60_000.0),
    ("XJ-DC120", 120_000.0),
    ("XJ-DC160", 160_000.0),
    ("XJ-DC240", 240_000.0),
];
const OPERATORS: [(&str, &str); 3] = [
    ("中国移动", "46000"),
    ("中国联通", "46001"),
    ("中国电信", "46011"),
];

/// What a login says beside who the pile is.
pub(crate) struct Said<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) voice: &'a Voice,
    pub(crate) guns: usize,
    pub(crate) dbm: i32,
    pub(crate) reqid: u32,
    pub(crate) now: i64,
}

/// A pile's identity. It follows from the hardware number alone, so that a fleet started again with another
/// seed is the same hardware under the same uuids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    hardware: u64,
    patch: u16,
    /// Version set by an update, in place of the factory's.
    updated_version: Option<String>,
}

impl Identity {
    pub(crate) fn new(hardware: u64) -> Self {
        Self {
            hardware,
            patch: u16::try_from(hardware % 7).unwrap_or(0),
            updated_version: None,
        }
    }

    /// With this 软件版本 from the factory, if it is given.
    pub(crate) fn delivered_with(self, software: Option<&str>) -> Self {
        Self {
            updated_version: software.map(str::to_owned),
            ..self
        }
    }

    /// Power of the whole pile, W.
    pub(crate) fn power_w(&self) -> f64 {
        self.model().1
    }

    /// After 更新程序并重启: the version that was downloaded, else the next patch level.
    pub(crate) fn update(&mut self, version: Option<String>) {
        self.patch += 1;
        self.updated_version = version;
    }

    pub(crate) fn software(&self) -> String {
        self.updated_version
            .clone()
            .unwrap_or_else(|| format!("V2.1.{}", self.patch))
    }

    pub(crate) fn hardware_version(&self) -> String {
        format!("V1.{}", self.hardware % 3)
    }

    pub(crate) fn iccid(&self) -> String {
        format!("898604{:014}", self.hardware)
    }

    pub(crate) fn imsi(&self) -> String {
        format!("{}{:010}", self.operator().1, self.hardware)
    }

    pub(crate) fn operator(&self) -> (&'static str, &'static str) {
        OPERATORS[(self.hardware % 3) as usize]
    }

    /// 出厂编号.
    pub(crate) fn sn(&self, profile: &Profile) -> String {
        format!("{}{:012}", profile.sn_prefix, self.hardware)
    }

    /// 登录.
    pub(crate) fn render_login(&self, said: &Said<'_>) -> Vec<u8> {
        let mut json = said.voice.open("登录", said.reqid, None, said.now);
        json.text("软件版本", &self.software())
            .text("硬件版本", &self.hardware_version());
        json.text("型号", self.model_name(said.profile))
            .text("出厂编号", &self.sn(said.profile));
        json.number("枪数量", said.guns).text("SIM卡号", &self.iccid());
        json.text("运营商", self.operator().0)
            .number("信号强度_dBm", said.dbm);
        json.finish()
    }

    /// 注册申请.
    pub(crate) fn render_registration(
        &self,
        contract: &str,
        profile: &Profile,
        reqid: u32,
        now: i64,
        voice: &Voice,
    ) -> Vec<u8> {
        let mut json = voice.open("注册申请", reqid, None, now);
        json.text("出厂编号", &self.sn(profile))
            .text("型号", self.model_name(profile));
        json.text("合同号", contract).text("软件版本", &self.software());
        json.text("SIM卡号", &self.iccid());
        json.finish()
    }

    fn model_name<'a>(&self, profile: &'a Profile) -> &'a str {
        profile.model.as_deref().unwrap_or(self.model().0)
    }

    fn model(&self) -> (&'static str, f64) {
        MODELS[(self.hardware / 3 % 4) as usize]
    }
}

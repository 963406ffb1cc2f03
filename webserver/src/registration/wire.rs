//! What is on the wire of `/registration`. The fields are those of `register`'s own interface.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{
    Conditions,
    registration::{State, Step},
};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{ApiError, Cell, Column, Listed, Text, column, shown};

/// 注册资料 A registration
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct RegistrationRow {
    /// 版本, 毫秒 Version, Unix ms
    pub(super) timestamp: i64,
    /// 出厂编号 Factory serial number of the TCU
    pub(super) sn: String,
    /// 通信编号, 空=没有 The uuid, empty = none
    uuid: String,
    /// 改号尚未完成时的旧编号, 空=没有 The former uuid while a change is not carried out, empty = none
    former_uuid: String,
    /// 状态: 待审核, 已拒绝, 已注册, 在役, 已停用, 已退役, 已释放 Where it stands
    #[schema(example = "待审核")]
    state: String,
    /// 型号, TCU自报 Model, as the TCU said
    model: String,
    /// 合同号, TCU自报 Contract number, as the TCU said
    contract_num: String,
    /// 软件版本, TCU自报 Software version, as the TCU said
    software_version: String,
    /// SIM卡号, TCU自报 ICCID, as the TCU said
    sim: String,
    /// 桩编号, 0=尚未登录 The pile, 0 = not seen yet
    pub(super) device_id: u64,
    /// 接入账号 Account at the broker
    username: String,
    /// 是否已发密码 Whether a password was handed out
    has_password: bool,
    /// 密码发放时间, 毫秒, 0=没有 When the password was handed out, Unix ms, 0 = none
    credential_time: i64,
    /// 最近申请时间, 毫秒 When it asked last, Unix ms
    request_time: i64,
    /// 以当前编号首次登录的时间, 毫秒, 0=还没有 First login under this uuid, Unix ms, 0 = not yet
    login_time: i64,
    /// 审核人, 空=按规则 Who decided, empty = by rule
    decided_by: String,
    /// 原因 Why
    reason: String,
    /// 资产名称 The pile's name
    #[serde(default)]
    ass_name: String,
    /// 场站编号, 0=没有 Its station, 0 = none
    #[serde(default)]
    sta_id: u64,
    /// 场站名称 Name of its station
    #[serde(default)]
    sta_name: String,
}

/// 注册资料及当前允许的操作 A registration with what its state allows
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct RegistrationItem {
    /// 注册资料 The registration
    #[serde(flatten)]
    pub(super) registration: RegistrationRow,
    /// 当前状态允许的操作: approve, refuse, disable, enable, retire, release, change_uuid, swap The operations that its state allows
    #[schema(example = json!(["approve", "refuse"]))]
    allowed: Vec<String>,
}

impl From<RegistrationRow> for RegistrationItem {
    fn from(registration: RegistrationRow) -> Self {
        let state: Option<State> = registration.state.parse().ok();
        let steps = state.into_iter().flat_map(Step::allowed);
        Self {
            allowed: steps.map(|step| step.as_str().to_owned()).collect(),
            registration,
        }
    }
}

/// 修改后的注册资料 A registration that was changed
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ChangedRegistration {
    /// 现在的注册资料 As it is now
    #[serde(flatten)]
    pub(super) item: RegistrationItem,
    /// 消息服务器: 已生效, 将在消息服务器恢复后生效 Whether the broker goes by it, or will when it is back
    #[schema(example = "已生效")]
    broker: String,
    /// 资产: 已生效, 将在数据库恢复后完成, 将在桩以新uuid登录后改名; 没有资产则不出现 Whether the asset goes by it; absent where there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<String>,
}

/// 一个状态的条数 How many are in a state
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StateCount {
    /// 状态 The state
    #[schema(example = "待审核")]
    pub(super) state: &'static str,
    /// 条数 How many
    pub(super) count: u64,
}

impl Listed for RegistrationRow {
    const WHAT: &'static str = "registration";
    // Neither the hash of the password nor anything made of it.
    const FROM: &'static str = "(SELECT timestamp, sn, uuid, former_uuid, state, model, contract_num, software_version, sim, \
         device_id, username, toBool(credential != '') AS has_password, credential_time, request_time, login_time, \
         decided_by, reason, '' AS ass_name, toUInt64(0) AS sta_id, '' AS sta_name \
         FROM registration FINAL WHERE flag_del = 0)";
    const SORT: &'static [&'static str] = &[
        "request_time",
        "sn",
        "uuid",
        "state",
        "model",
        "contract_num",
        "login_time",
        "timestamp",
    ];
    const ORDER: &'static str = "request_time DESC, sn";
    const COLUMNS: &'static [Column<Self>] = &[
        column("出厂编号", "Serial number", |row| Cell::text(&row.sn)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("旧编号", "Former uuid", |row| Cell::text(&row.former_uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("合同号", "Contract number", |row| {
            Cell::text(&row.contract_num)
        }),
        column("软件版本", "Software", |row| {
            Cell::text(&row.software_version)
        }),
        column("SIM卡号", "ICCID", |row| Cell::text(&row.sim)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("接入账号", "Account", |row| Cell::text(&row.username)),
        column("申请时间", "Asked", |row| Cell::Time(row.request_time)),
        column("首次登录", "First login", |row| Cell::Time(row.login_time)),
        column("审核人", "Decided by", |row| Cell::text(&row.decided_by)),
        column("原因", "Reason", |row| Cell::text(&row.reason)),
    ];

    shown!(own uuid);
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 状态: 待审核, 已拒绝, 已注册, 在役, 已停用, 已退役, 已释放 The state
    #[param(example = "待审核")]
    state: Option<String>,
    /// 出厂编号中的文字 Part of the serial number
    sn: Option<String>,
    /// 通信编号, 含改号前的 The uuid, or the former one of a change that is not carried out
    uuid: Option<String>,
    /// 型号 Model
    model: Option<String>,
    /// 合同号 Contract number
    contract_num: Option<String>,
    /// SIM卡号 ICCID
    sim: Option<String>,
    /// 桩编号 The pile
    device_id: Option<u64>,
    /// 场站编号 The station of the pile
    sta_id: Option<u64>,
}

impl Filter {
    pub(super) fn conditions(&self) -> Result<Conditions, ApiError> {
        if let Some(state) = &self.state {
            state.parse::<State>().map_err(|_| unknown_state())?;
        }
        let uuid = self.uuid.as_deref().into_iter();
        let conditions = Conditions::new()
            .and_if("state = ?", self.state.as_deref())
            .and_words("positionCaseInsensitiveUTF8(sn, ?) > 0", self.sn.as_deref())
            .and_if("model = ?", self.model.as_deref())
            .and_if("contract_num = ?", self.contract_num.as_deref())
            .and_if("sim = ?", self.sim.as_deref())
            .and_if("device_id = ?", self.device_id)
            .and_if(
                "device_id IN (SELECT device_id FROM asset FINAL WHERE flag_del = 0 AND sta_id = ?)",
                self.sta_id,
            );
        Ok(uuid.fold(conditions, |conditions, uuid| {
            conditions.and("uuid = ? OR former_uuid = ?", [uuid.into(), uuid.into()])
        }))
    }
}

fn unknown_state() -> ApiError {
    let names = State::ALL.map(State::as_str);
    ApiError::Invalid {
        field: "state".into(),
        rule: Text::of(
            format!("须为{}之一", names.join("、")),
            format!("must be one of {}", names.join(", ")),
        ),
    }
}

/// Which one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Tcu {
    /// 出厂编号 Factory serial number
    pub(super) sn: String,
}

/// 对等待审核的TCU的决定 What is decided on a TCU
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct DecidedTcu {
    /// 出厂编号 Factory serial number
    #[schema(min_length = 1, max_length = 200)]
    pub(super) sn: String,
    /// 原因, 拒绝的原因会告知TCU Why; a refused TCU is told
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// 读到的版本, 毫秒; 等待中的TCU会反复申请而改变版本, 可不带 The version that was read, Unix ms; may be left out, because a waiting TCU asks again and again
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    timestamp: Option<i64>,
}

/// 对TCU的操作 What is done with a TCU
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ChangedTcu {
    /// 出厂编号 Factory serial number
    #[schema(min_length = 1, max_length = 200)]
    pub(super) sn: String,
    /// 原因 Why
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// 读到的版本, 毫秒 The version that was read, Unix ms
    #[schema(minimum = 0)]
    timestamp: i64,
}

/// 更换TCU, uuid 与 device_id 须给且只给一个 Another TCU for a pile; exactly one of uuid and device_id
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SwappedTcu {
    /// 桩的通信编号 The pile's uuid
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uuid: Option<String>,
    /// 桩编号 The pile
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_id: Option<u64>,
    /// 换上的TCU的出厂编号 Serial number of the TCU that is put in
    #[schema(min_length = 1, max_length = 200)]
    pub(super) new_sn: String,
    /// 原因 Why
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// 读到的换下的TCU的版本, 毫秒; 桩上没有TCU则不带 The version of the TCU taken out that was read, Unix ms; left out where there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    timestamp: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_can_be_filtered_by_and_no_other() {
        let asked = |state: &str| {
            let filter = Filter {
                state: Some(state.to_owned()),
                ..Filter::default()
            };
            filter.conditions()
        };
        for state in State::ALL {
            assert!(asked(state.as_str()).is_ok());
        }
        let refused = asked("待审").unwrap_err().to_string();
        assert!(
            refused.starts_with("invalid state: must be one of 待审核"),
            "{refused}"
        );
    }

    #[test]
    fn register_is_told_only_what_was_given() {
        let asked: DecidedTcu = serde_json::from_str(r#"{"sn":"S1"}"#).unwrap();
        assert_eq!(serde_json::to_string(&asked).unwrap(), r#"{"sn":"S1"}"#);
    }
}

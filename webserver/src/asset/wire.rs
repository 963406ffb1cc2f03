//! Assets as callers see and send them.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, bodies, column, live::PileState, pick::Wanted};

/// An asset.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct AssetRow {
    /// 桩, 资产编号 The pile's id
    pub(super) device_id: u64,
    /// 资产名称 Its name for people
    #[schema(example = "虹桥一号站3号桩")]
    ass_name: String,
    /// uuid, 桩的通信编号, 空=尚未注册 The uuid with which it speaks; empty = not registered yet
    #[schema(example = "AAAAAMWY")]
    pub(super) name: String,
    /// 场站编号, 0=未分配 Its station, 0 = none yet
    pub(super) sta_id: u64,
    /// 场站名称 Name of its station
    pub(super) sta_name: String,
    /// 设备类型, 0=未知 Device type, 0 = unknown
    dt_id: u64,
    /// 型号 Model
    model: String,
    /// 合同号 Contract number
    contract_num: String,
    /// 出厂日期, 毫秒, 0=未知 Manufactured, Unix ms, 0 = unknown
    manufacture_date: i64,
    /// 运营商 Mobile operator
    mvno: String,
    /// 运营商代码 Code of the mobile operator
    mvno_code: String,
    /// SIM卡号 ICCID
    sim: String,
    /// 审核状态: 待接入, 待审核, 已审核 Audit status
    audit_status: String,
    /// 维保状态 Maintenance status
    maintecance_status: String,
    /// 质保期 Guarantee period, as people write it
    guarantee_period: String,
    /// 质保开始, 毫秒, 0=未知 Guarantee starts, Unix ms, 0 = unknown
    guarantee_start: i64,
    /// 质保结束, 毫秒, 0=未知 Guarantee ends, Unix ms, 0 = unknown
    guarantee_end: i64,
    /// 维保单位 Who maintains it
    maintecance_organization: String,
    /// 责任人 Person responsible
    responsible: String,
    /// 联系方式 How to reach that person
    contact_information: String,
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
}

/// For pages and single assets, whose stations' names are asked for afterwards: joining 200,000 assets first took
/// 23 to 34 ms where this took 20 to 25. FINAL reads a page of them in 20 ms on two busy cores; argMax takes twice as long.
pub(super) const BARE: &str = "(SELECT *, '' AS sta_name FROM asset FINAL WHERE flag_del = 0)";

impl Listed for AssetRow {
    const WHAT: &'static str = "asset";
    const FROM: &'static str = "(SELECT a.*, s.sta_name AS sta_name FROM (SELECT * FROM asset FINAL WHERE flag_del = 0) AS a \
         LEFT ANY JOIN (SELECT sta_id, sta_name FROM station FINAL WHERE flag_del = 0) AS s ON a.sta_id = s.sta_id)";
    const SORT: &'static [&'static str] = &[
        "device_id",
        "ass_name",
        "name",
        "sta_id",
        "model",
        "contract_num",
        "manufacture_date",
        "audit_status",
        "commissioning_date",
        "guarantee_end",
        "timestamp",
    ];
    const ORDER: &'static str = "ass_name, device_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("资产编号", "Asset id", |row| {
            Cell::Text(row.device_id.to_string())
        }),
        column("资产名称", "Asset", |row| Cell::Text(row.ass_name.clone())),
        column("uuid", "uuid", |row| Cell::Text(row.name.clone())),
        column("场站编号", "Station id", |row| {
            Cell::Text(row.sta_id.to_string())
        }),
        column("场站名称", "Station", |row| Cell::Text(row.sta_name.clone())),
        column("设备类型", "Device type", |row| {
            Cell::Text(row.dt_id.to_string())
        }),
        column("型号", "Model", |row| Cell::Text(row.model.clone())),
        column("合同号", "Contract number", |row| {
            Cell::Text(row.contract_num.clone())
        }),
        column("出厂日期", "Manufactured", |row| {
            Cell::Time(row.manufacture_date)
        }),
        column("运营商", "Mobile operator", |row| Cell::Text(row.mvno.clone())),
        column("运营商代码", "Mobile operator code", |row| {
            Cell::Text(row.mvno_code.clone())
        }),
        column("SIM卡号", "ICCID", |row| Cell::Text(row.sim.clone())),
        column("审核状态", "Audit status", |row| {
            Cell::Text(row.audit_status.clone())
        }),
        column("维保状态", "Maintenance status", |row| {
            Cell::Text(row.maintecance_status.clone())
        }),
        column("质保期", "Guarantee period", |row| {
            Cell::Text(row.guarantee_period.clone())
        }),
        column("质保开始", "Guarantee starts", |row| {
            Cell::Time(row.guarantee_start)
        }),
        column("质保结束", "Guarantee ends", |row| {
            Cell::Time(row.guarantee_end)
        }),
        column("维保单位", "Maintained by", |row| {
            Cell::Text(row.maintecance_organization.clone())
        }),
        column("责任人", "Responsible", |row| {
            Cell::Text(row.responsible.clone())
        }),
        column("联系方式", "Contact information", |row| {
            Cell::Text(row.contact_information.clone())
        }),
        column("投运日期", "In service since", |row| {
            Cell::Time(row.commissioning_date)
        }),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

/// An asset of a list, and what its pile is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AssetItem {
    /// 资产 The asset
    #[serde(flatten)]
    pub(super) asset: AssetRow,
    /// 当前状态 What it is doing now
    pub(super) state: PileState,
    /// 最近通信, 毫秒, 0=从未 Last message, Unix ms, 0 = never
    pub(super) last_seen: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 场站编号 Station
    pub(super) sta_id: Option<u64>,
    /// 型号 Model
    pub(super) model: Option<String>,
    /// 合同号 Contract number
    pub(super) contract_num: Option<String>,
    /// 桩的 uuid The pile's uuid
    #[param(example = "AAAAAMWY")]
    pub(super) uuid: Option<String>,
    /// SIM卡号 ICCID
    pub(super) sim: Option<String>,
    /// 资产名称中的文字 Words in the name
    pub(super) words: Option<String>,
    /// 审核状态 Audit status
    pub(super) audit_status: Option<String>,
    /// 当前状态 What it is doing now
    #[param(inline)]
    pub(super) state: Option<PileState>,
}

impl Filter {
    /// What is wanted, where memory knows all that is asked for; `sort` as it was sent.
    pub(super) fn picks(&self, sort: Option<&str>) -> Option<Wanted<'_>> {
        let beyond = [&self.contract_num, &self.sim, &self.audit_status];
        let by_name = sort.is_none_or(|sort| sort == "ass_name");
        (by_name && beyond.iter().all(|asked| asked.is_none())).then(|| Wanted {
            seen: None,
            sta_id: self.sta_id,
            model: self.model.as_deref(),
            uuid: self.uuid.as_deref(),
            words: self.words.as_deref(),
            state: self.state,
        })
    }
}

bodies! {
    fields Fields;
    new NewAsset {}
    edited EditedAsset by device_id = "资产编号", "Asset id";
    /// 资产名称, 1到128字 Its name for people, 1 to 128 characters
    #[schema(example = "虹桥一号站3号桩", max_length = 128)]
    ass_name: String = "资产名称", "Asset",
    /// uuid, 桩的通信编号, 8个大写字母, 唯一, 空=尚未注册 The uuid with which it speaks, unique; empty = not registered yet
    #[schema(example = "AAAAAMWY", pattern = "^([A-Z]{8})?$")]
    name: String = "uuid", "uuid",
    /// 场站编号, 0=未分配 Its station, 0 = none yet
    sta_id: u64 = "场站编号", "Station id",
    /// 设备类型, 0=未知 Device type, 0 = unknown
    dt_id: u64 = "设备类型", "Device type",
    /// 型号, 须已在型号表中, 或为空 A known model, or empty
    #[schema(max_length = 64)]
    model: String = "型号", "Model",
    /// 合同号 Contract number
    #[schema(max_length = 64)]
    contract_num: String = "合同号", "Contract number",
    /// 出厂日期, 毫秒, 0=未知 Manufactured, Unix ms, 0 = unknown
    manufacture_date: i64 = "出厂日期", "Manufactured",
    /// 运营商 Mobile operator
    #[schema(max_length = 64)]
    mvno: String = "运营商", "Mobile operator",
    /// 运营商代码 Code of the mobile operator
    #[schema(max_length = 64)]
    mvno_code: String = "运营商代码", "Mobile operator code",
    /// SIM卡号 ICCID
    #[schema(max_length = 32)]
    sim: String = "SIM卡号", "ICCID",
    /// 审核状态: 待接入, 待审核, 已审核 Audit status
    #[schema(example = "待审核")]
    audit_status: String = "审核状态", "Audit status",
    /// 维保状态 Maintenance status
    #[schema(max_length = 64)]
    maintecance_status: String = "维保状态", "Maintenance status",
    /// 质保期 Guarantee period, as people write it
    #[schema(max_length = 64)]
    guarantee_period: String = "质保期", "Guarantee period",
    /// 质保开始, 毫秒, 0=未知 Guarantee starts, Unix ms, 0 = unknown
    guarantee_start: i64 = "质保开始", "Guarantee starts",
    /// 质保结束, 毫秒, 0=未知 Guarantee ends, Unix ms, 0 = unknown
    guarantee_end: i64 = "质保结束", "Guarantee ends",
    /// 维保单位 Who maintains it
    #[schema(max_length = 128)]
    maintecance_organization: String = "维保单位", "Maintained by",
    /// 责任人 Person responsible
    #[schema(max_length = 64)]
    responsible: String = "责任人", "Responsible",
    /// 联系方式 How to reach that person
    #[schema(max_length = 128)]
    contact_information: String = "联系方式", "Contact information",
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64 = "投运日期", "In service since",
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedAsset {
    /// 资产编号 The asset's id
    pub(super) device_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// 资产编号 The asset's id
    pub(super) device_id: u64,
}

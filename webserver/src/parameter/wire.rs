//! What is on the wire of `/parameter`.

use std::collections::BTreeMap;

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::{Conditions, Value, table::parameter_template::ParameterTemplate};
use utoipa::{IntoParams, ToSchema};

use super::compare::{ParameterDifference, number};
use crate::ground::{Cell, Column, Listed, Piles, Scope, column, nameless, selection::PileSelection, shown};

/// 一个参数 A parameter of a pile
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct ParameterItem {
    /// 桩编号 The pile
    device_id: u64,
    /// 桩的 uuid The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 型号 Model
    model: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 参数名称 The parameter
    parameter: String,
    /// 值 Its value
    value: String,
    /// 桩报告的时间, 毫秒 When the pile said or took it, Unix ms
    read_time: i64,
    /// 出自哪种命令的应答: 参数查询, 参数配置 From an answer to which command
    command: String,
    /// 该命令的编号 The command's id
    command_id: String,
}

impl Listed for ParameterItem {
    const WHAT: &'static str = "parameter";
    const FROM: &'static str = concat!(
        "(SELECT device_id, flag_del, toString(name) AS parameter, value, read_time, toString(command) AS command, \
         caller AS command_id, ",
        nameless!(),
        " FROM pile_parameter FINAL)"
    );
    const SORT: &'static [&'static str] = &["device_id", "parameter", "value", "read_time"];
    const ORDER: &'static str = "device_id, parameter";
    const COLUMNS: &'static [Column<Self>] = &[
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("参数", "Parameter", |row| Cell::text(&row.parameter)),
        column("值", "Value", |row| Cell::text(&row.value)),
        column("读取时间", "Read", |row| Cell::Time(row.read_time)),
        column("命令", "Command", |row| Cell::text(&row.command)),
    ];

    shown!();
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 型号 Model of the pile
    model: Option<String>,
    /// 通信编号 The pile's uuid
    uuid: Option<String>,
    /// 参数名称 The parameter
    parameter: Option<String>,
    /// 值 Its value
    value: Option<String>,
}

impl Filter {
    pub(super) fn conditions(&self, scope: &Scope) -> Conditions {
        let piles = Piles {
            device_id: self.device_id,
            sta_id: self.sta_id,
            model: self.model.as_deref(),
            uuid: self.uuid.as_deref(),
        };
        piles
            .of(scope, Conditions::new().and("flag_del = 0", []))
            .and_if("parameter = ?", self.parameter.as_deref())
            .and_if("value = ?", self.value.as_deref())
    }
}

/// 一桩 A pile
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct PileRow {
    /// 桩编号 The pile
    pub(super) device_id: u64,
    /// 桩的 uuid The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 型号 Model
    model: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
}

/// The assets that are piles.
pub(super) const PILES: &str =
    "(SELECT device_id, flag_del, name AS uuid, ass_name, model, sta_id, '' AS sta_name FROM asset FINAL)";

impl Listed for PileRow {
    const WHAT: &'static str = "parameter_comparison";
    const FROM: &'static str = PILES;
    const SORT: &'static [&'static str] = &["device_id", "uuid", "model", "sta_id"];
    const ORDER: &'static str = "device_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
    ];

    shown!();
}

/// 与模板不同的一桩 A pile that differs from the template
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Comparison {
    /// 桩 The pile
    #[serde(flatten)]
    pub(super) pile: PileRow,
    /// 不同的参数 In what it differs
    pub(super) differences: Vec<ParameterDifference>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ComparisonFilter {
    /// 模板编号 The template
    pub(super) template_id: u64,
    /// 桩编号 Pile
    device_id: Option<u64>,
    /// 场站编号 Station
    sta_id: Option<u64>,
    /// 型号, 缺省为模板的型号 Model of the pile; that of the template by default
    model: Option<String>,
}

impl ComparisonFilter {
    /// The piles that have not all of the wanted values.
    pub(super) fn conditions(
        &self,
        scope: &Scope,
        template: &ParameterTemplate,
        wanted: &BTreeMap<String, String>,
    ) -> Conditions {
        let pairs = wanted.iter().map(|(name, value)| format!("{name}\0{value}"));
        let numbers = wanted
            .iter()
            .filter_map(|(name, value)| number(value).map(|number| format!("{name}\0{number}")));
        let of_template = (!template.model.is_empty()).then_some(template.model.as_str());
        scope
            .stations(Conditions::new().and("flag_del = 0 AND uuid != ''", []))
            .and_if("device_id = ?", self.device_id)
            .and_if("sta_id = ?", self.sta_id)
            .and_if("model = ?", self.model.as_deref())
            .and_if("model = ?", of_template)
            .and(
                "device_id NOT IN (SELECT device_id FROM pile_parameter FINAL WHERE flag_del = 0 \
                 AND (concat(name, char(0), trimBoth(value)) IN ? \
                 OR concat(name, char(0), toString(assumeNotNull(toFloat64OrNull(trimBoth(value))))) IN ?) \
                 GROUP BY device_id HAVING count() = ?)",
                [
                    Value::TextList(pairs.collect()),
                    // An empty list has no type in SQL.
                    Value::TextList(numbers.chain([String::new()]).collect()),
                    (wanted.len() as u64).into(),
                ],
            )
    }
}

/// What is to be put right.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Correction {
    /// 模板编号 The template
    pub(super) template_id: u64,
    /// 哪些桩, 限模板的型号, 至多2万 Which piles, of the template's model only, at most 20,000
    pub(super) selection: PileSelection,
    /// 每秒下发的桩数, 0=平台的限速 Piles per second, 0 = the platform's own limit
    #[schema(maximum = 10_000)]
    pub(super) rate_per_s: Option<u32>,
    /// 每条命令的期限, 秒, 缺省300 Deadline of each command, seconds, 300 by default
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub(super) timeout_s: Option<u64>,
}

/// 纠正的结果 What is being put right
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Corrected {
    /// 批量编号, 0=没有不同的桩 The batch; 0 if no pile differs
    pub(super) batch_id: u64,
    /// 选中的桩数 Piles that were chosen
    pub(super) chosen: usize,
    /// 其中不同的桩数 Of them, those that differ
    pub(super) differing: usize,
}

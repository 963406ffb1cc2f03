//! A warning as callers see it.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ground::{Cell, Column, Listed, NAMELESS, column, shown};

/// A warning, in its newest version.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct Warning {
    /// 发生时间, 毫秒 Raised, Unix ms, by the platform's order
    timestamp: i64,
    /// 最近更新, 毫秒 Last change, Unix ms
    recv_time: i64,
    /// 产生时间, 毫秒 Raised as its source says, Unix ms
    generate_time: i64,
    /// 恢复时间, 毫秒, 0=未恢复 Recovered, Unix ms, 0 = it stands
    recover_time: i64,
    /// 桩编号 Pile
    device_id: u64,
    /// 通信编号 The pile's uuid
    uuid: String,
    /// 资产名称 The pile's name
    ass_name: String,
    /// 型号 Model
    model: String,
    /// 场站编号 Station
    sta_id: u64,
    /// 场站名称 Its name
    sta_name: String,
    /// 数据分区 Data zone
    device_zone: String,
    /// 告警代码 Code
    warn_code: String,
    /// 告警名称 Name
    warn_name: String,
    /// 告警级别, 0=未定义 Level, 0 = not defined
    warn_level: u8,
    /// 告警分类 Class
    warn_class: String,
    /// 状态: 发生, 恢复 Raised or recovered
    state: String,
    /// 来源: 桩, 平台 Noticed by the pile or by the platform
    source: String,
    /// 合并次数 Occurrences folded into it
    count: u32,
    /// 附加信息 Further information
    extra: String,
}

impl Listed for Warning {
    const WHAT: &'static str = "warn_record";
    const FROM: &'static str =
        "(SELECT * FROM warn_record FINAL{early} SETTINGS do_not_merge_across_partitions_select_final = 1)";
    const NAMELESS: &'static [(&'static str, &'static str)] = NAMELESS;
    const COMPUTED: &'static [(&'static str, &'static str)] =
        &[("state", "toString(state)"), ("source", "toString(source)")];
    const SORT: &'static [&'static str] = &[
        "timestamp",
        "recover_time",
        "warn_level",
        "warn_code",
        "count",
        "device_id",
    ];
    const ORDER: &'static str = "timestamp DESC, device_id, device_zone, warn_code, generate_time";
    const COLUMNS: &'static [Column<Self>] = &[
        column("发生时间", "Raised", |row| Cell::Time(row.timestamp)),
        column("恢复时间", "Recovered", |row| Cell::Time(row.recover_time)),
        column("场站", "Station", |row| Cell::text(&row.sta_name)),
        column("资产名称", "Pile", |row| Cell::text(&row.ass_name)),
        column("通信编号", "uuid", |row| Cell::text(&row.uuid)),
        column("型号", "Model", |row| Cell::text(&row.model)),
        column("数据分区", "Zone", |row| Cell::text(&row.device_zone)),
        column("告警代码", "Code", |row| Cell::text(&row.warn_code)),
        column("告警名称", "Name", |row| Cell::text(&row.warn_name)),
        column("告警级别", "Level", |row| Cell::Number(row.warn_level.into())),
        column("告警分类", "Class", |row| Cell::text(&row.warn_class)),
        column("状态", "State", |row| Cell::text(&row.state)),
        column("来源", "Source", |row| Cell::text(&row.source)),
        column("合并次数", "Count", |row| Cell::Number(row.count.into())),
        column("附加信息", "Further", |row| Cell::text(&row.extra)),
    ];

    shown!();
}

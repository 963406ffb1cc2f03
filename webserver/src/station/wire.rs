//! Stations as callers see and send them.

use clickhouse::Row;
use serde::{Deserialize, Serialize, Serializer};
use store::{Milli32, table::station::Station};
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, bodies, column};

/// A station.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct StationRow {
    /// 场站编号 The station's id
    pub(super) sta_id: u64,
    /// 场站名称 Its name
    #[schema(example = "虹桥一号站")]
    sta_name: String,
    /// 地址 Address
    address: String,
    /// 省 Province
    province: String,
    /// 市 City
    city: String,
    /// 区县 District
    district: String,
    /// 经度, 度 (GCJ-02), 0=未知 Longitude, degrees (GCJ-02), 0 = unknown
    longitude: f64,
    /// 纬度, 度 (GCJ-02), 0=未知 Latitude, degrees (GCJ-02), 0 = unknown
    latitude: f64,
    /// 运营单位 Who operates it
    operator: String,
    /// 联系人 Contact person
    contact: String,
    /// 联系方式 How to reach that person
    contact_information: String,
    /// 容量, kW Capacity, kW
    #[serde(serialize_with = "kilowatts")]
    #[schema(value_type = f64)]
    capacity_kw: Milli32,
    /// 开放时间 Open hours, as people write them
    open_hours: String,
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64,
    /// 时区, 空=Asia/Shanghai Time zone of its days; empty = Asia/Shanghai
    time_zone: String,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    pub(super) timestamp: i64,
}

fn kilowatts<S: Serializer>(power: &Milli32, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(f64::from(power.0) / 1000.0)
}

impl Listed for StationRow {
    const WHAT: &'static str = "station";
    const FROM: &'static str = "station FINAL";
    const SORT: &'static [&'static str] = &[
        "sta_id",
        "sta_name",
        "province",
        "city",
        "district",
        "operator",
        "capacity_kw",
        "commissioning_date",
        "timestamp",
    ];
    const ORDER: &'static str = "sta_name, sta_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("场站编号", "Station id", |row| {
            Cell::Text(row.sta_id.to_string())
        }),
        column("场站名称", "Station", |row| Cell::Text(row.sta_name.clone())),
        column("地址", "Address", |row| Cell::Text(row.address.clone())),
        column("省", "Province", |row| Cell::Text(row.province.clone())),
        column("市", "City", |row| Cell::Text(row.city.clone())),
        column("区县", "District", |row| Cell::Text(row.district.clone())),
        column("经度", "Longitude", |row| Cell::Number(row.longitude)),
        column("纬度", "Latitude", |row| Cell::Number(row.latitude)),
        column("运营单位", "Operator", |row| Cell::Text(row.operator.clone())),
        column("联系人", "Contact", |row| Cell::Text(row.contact.clone())),
        column("联系方式", "Contact information", |row| {
            Cell::Text(row.contact_information.clone())
        }),
        column("容量_kW", "Capacity_kW", |row| {
            Cell::Number(f64::from(row.capacity_kw.0) / 1000.0)
        }),
        column("开放时间", "Open hours", |row| {
            Cell::Text(row.open_hours.clone())
        }),
        column("投运日期", "In service since", |row| {
            Cell::Time(row.commissioning_date)
        }),
        column("时区", "Time zone", |row| Cell::Text(row.time_zone.clone())),
        column("修改时间", "Changed", |row| Cell::Time(row.timestamp)),
    ];
}

impl From<Station> for StationRow {
    fn from(row: Station) -> Self {
        Self {
            sta_id: row.sta_id,
            sta_name: row.sta_name,
            address: row.address,
            province: row.province,
            city: row.city,
            district: row.district,
            longitude: row.longitude,
            latitude: row.latitude,
            operator: row.operator,
            contact: row.contact,
            contact_information: row.contact_information,
            capacity_kw: row.capacity_kw,
            open_hours: row.open_hours,
            commissioning_date: row.commissioning_date,
            time_zone: row.time_zone,
            timestamp: row.timestamp,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 场站名称或地址中的文字 Words in the name or the address
    pub(super) words: Option<String>,
    /// 省 Province
    pub(super) province: Option<String>,
    /// 市 City
    pub(super) city: Option<String>,
    /// 区县 District
    pub(super) district: Option<String>,
    /// 运营单位 Who operates it
    pub(super) operator: Option<String>,
}

impl Filter {
    /// Whether nothing is asked of stations.
    pub(super) fn is_empty(&self) -> bool {
        let Self {
            words,
            province,
            city,
            district,
            operator,
        } = self;
        [words, province, city, district, operator]
            .iter()
            .all(|asked| asked.is_none())
    }
}

bodies! {
    fields Fields;
    new NewStation {
        /// 归属组织及其各级上级可见, 缺省为本人所属组织 Seen by this organization and those above; the caller's own if left out
        organization_id: u64,
    }
    edited EditedStation by sta_id = "场站编号", "Station id";
    /// 场站名称, 唯一, 1到64字 Its name, unique, 1 to 64 characters
    #[schema(example = "虹桥一号站", max_length = 64)]
    sta_name: String = "场站名称", "Station",
    /// 地址 Address
    #[schema(max_length = 256)]
    address: String = "地址", "Address",
    /// 省 Province
    #[schema(max_length = 64)]
    province: String = "省", "Province",
    /// 市 City
    #[schema(max_length = 64)]
    city: String = "市", "City",
    /// 区县 District
    #[schema(max_length = 64)]
    district: String = "区县", "District",
    /// 经度, 度 (GCJ-02), 0=未知 Longitude, degrees (GCJ-02), 0 = unknown
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64 = "经度", "Longitude",
    /// 纬度, 度 (GCJ-02), 0=未知 Latitude, degrees (GCJ-02), 0 = unknown
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64 = "纬度", "Latitude",
    /// 运营单位 Who operates it
    #[schema(max_length = 128)]
    operator: String = "运营单位", "Operator",
    /// 联系人 Contact person
    #[schema(max_length = 64)]
    contact: String = "联系人", "Contact",
    /// 联系方式 How to reach that person
    #[schema(max_length = 128)]
    contact_information: String = "联系方式", "Contact information",
    /// 容量, kW Capacity, kW
    #[schema(minimum = 0, maximum = 999999)]
    capacity_kw: f64 = "容量_kW", "Capacity_kW",
    /// 开放时间 Open hours, as people write them
    #[schema(max_length = 128)]
    open_hours: String = "开放时间", "Open hours",
    /// 投运日期, 毫秒, 0=未投运 In service since, Unix ms, 0 = not yet
    commissioning_date: i64 = "投运日期", "In service since",
    /// 时区, 空=Asia/Shanghai Time zone of its days; empty = Asia/Shanghai
    #[schema(example = "Asia/Shanghai")]
    time_zone: String = "时区", "Time zone",
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DeletedStation {
    /// 场站编号 The station's id
    pub(super) sta_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

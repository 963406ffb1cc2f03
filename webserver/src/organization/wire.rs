//! What is sent and answered about organizations.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::table::organization::Organization;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// An organization as callers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Organization)]
pub(super) struct Shown {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 上级组织, 0=顶级 The one above, 0 = top
    pub(super) parent_id: u64,
    /// 组织名称, 同级唯一 Its name, unique among its siblings
    pub(super) organization_name: String,
    /// 联系人 Contact person
    pub(super) contact: String,
    /// 联系方式 How to reach that person
    pub(super) contact_information: String,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    pub(super) timestamp: i64,
}

impl From<Organization> for Shown {
    fn from(row: Organization) -> Self {
        Self {
            organization_id: row.organization_id,
            parent_id: row.parent_id,
            organization_name: row.organization_name,
            contact: row.contact,
            contact_information: row.contact_information,
            timestamp: row.timestamp,
        }
    }
}

/// An organization and those below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OrganizationNode)]
pub(super) struct Node {
    /// 组织 The organization
    pub(super) organization: Shown,
    /// 用户数, 不含下级 Its users, without those below
    pub(super) user_count: u64,
    /// 场站数 Its stations
    pub(super) station_count: u64,
    /// 下级, 按名称 Those below, by name
    #[schema(no_recursion)]
    pub(super) children: Vec<Node>,
}

/// What can be edited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = OrganizationDetails)]
pub(super) struct Details {
    /// 组织名称, 同级唯一 Its name, unique among its siblings
    #[schema(min_length = 1, max_length = 64)]
    pub(super) organization_name: String,
    /// 联系人 Contact person
    #[serde(default)]
    #[schema(max_length = 64)]
    pub(super) contact: String,
    /// 联系方式 How to reach that person
    #[serde(default)]
    #[schema(max_length = 128)]
    pub(super) contact_information: String,
}

impl Details {
    /// The organization with these details.
    pub(super) fn applied_to(&self, organization: Organization) -> Organization {
        Organization {
            organization_name: self.organization_name.clone(),
            contact: self.contact.clone(),
            contact_information: self.contact_information.clone(),
            ..organization
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewOrganization {
    /// 上级组织, 0=顶级 The one above, 0 = top
    pub(super) parent_id: u64,
    /// 内容 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OrganizationEdit)]
pub(super) struct Edit {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 内容 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OrganizationMove)]
pub(super) struct Move {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 新的上级, 0=顶级 The new one above, 0 = top
    pub(super) parent_id: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = OrganizationWhich)]
pub(super) struct Which {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

/// Who shall belong to an organization, or no longer.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SelectOrganizationUser {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 用户编号 The user's id
    pub(super) user_id: u64,
}

/// The stations that an organization shall have.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SelectOrganizationStation {
    /// 组织编号 The organization's id
    #[schema(example = 1001)]
    pub(super) organization_id: u64,
    /// 该组织应有的全部场站 All stations that it shall have
    #[schema(example = json!([2001, 2002, 2003]), max_items = 20000)]
    pub(super) sta_ids: Vec<u64>,
}

/// A station of an organization.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct OrganizationStationList {
    /// 组织编号 The organization's id
    pub(super) organization_id: u64,
    /// 场站编号 The station's id
    pub(super) sta_id: u64,
    /// 场站名称 The station's name
    pub(super) sta_name: String,
}

impl Listed for OrganizationStationList {
    const WHAT: &'static str = "organization_station";
    const FROM: &'static str = "(SELECT o.organization_id AS organization_id, o.sta_id AS sta_id, \
        s.sta_name AS sta_name \
        FROM (SELECT organization_id, sta_id FROM organization_station FINAL WHERE flag_del = 0) AS o \
        INNER JOIN (SELECT sta_id, sta_name FROM station FINAL WHERE flag_del = 0) AS s ON o.sta_id = s.sta_id)";
    const SORT: &'static [&'static str] = &["organization_id", "sta_id", "sta_name"];
    const ORDER: &'static str = "organization_id, sta_name, sta_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("组织编号", "Organization id", |row| {
            Cell::Text(row.organization_id.to_string())
        }),
        column("场站编号", "Station id", |row| {
            Cell::Text(row.sta_id.to_string())
        }),
        column("场站名称", "Station", |row| Cell::Text(row.sta_name.clone())),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StationFilter {
    /// 组织编号 The organization's id
    pub(super) organization_id: Option<u64>,
    /// 场站名称中的文字 Words in the station's name
    pub(super) sta_name: Option<String>,
}

/// A member of an organization.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
pub(super) struct OrganizationUserList {
    /// 组织编号 The organization's id
    organization_id: u64,
    /// 用户编号 The user's id
    user_id: u64,
    /// 账号 Account
    account: String,
    /// 姓名 Name
    user_name: String,
}

impl Listed for OrganizationUserList {
    const WHAT: &'static str = "organization_user";
    const FROM: &'static str = "(SELECT o.organization_id AS organization_id, o.user_id AS user_id, \
        u.account AS account, u.user_name AS user_name \
        FROM (SELECT organization_id, user_id FROM organization_user FINAL WHERE flag_del = 0) AS o \
        INNER JOIN (SELECT user_id, account, user_name FROM user FINAL WHERE flag_del = 0) AS u \
        ON o.user_id = u.user_id)";
    const SORT: &'static [&'static str] = &["organization_id", "user_id", "account", "user_name"];
    const ORDER: &'static str = "organization_id, account, user_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("组织编号", "Organization id", |row| {
            Cell::Text(row.organization_id.to_string())
        }),
        column("用户编号", "User id", |row| {
            Cell::Text(row.user_id.to_string())
        }),
        column("账号", "Account", |row| Cell::Text(row.account.clone())),
        column("姓名", "Name", |row| Cell::Text(row.user_name.clone())),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UserFilter {
    /// 组织编号 The organization's id
    pub(super) organization_id: Option<u64>,
    /// 账号或姓名中的文字 Words in account or name
    pub(super) words: Option<String>,
}

//! What is sent and answered about roles.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::table::role::Role;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// A role as callers see it.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
#[schema(as = RoleShown)]
pub(super) struct Shown {
    /// 角色编号 The role's id
    role_id: u64,
    /// 角色名称 Its name
    role_name: String,
    /// 权限, 资源:动作, 可为 * Permissions, `resource:action`, either may be `*`
    permissions: Vec<String>,
    /// 说明 What it is for
    description: String,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    timestamp: i64,
}

impl Listed for Shown {
    const WHAT: &'static str = "role";
    const FROM: &'static str = "role FINAL";
    const SORT: &'static [&'static str] = &["role_id", "role_name", "timestamp"];
    const ORDER: &'static str = "role_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("角色编号", "Role id", |row| {
            Cell::Text(row.role_id.to_string())
        }),
        column("角色名称", "Name", |row| Cell::Text(row.role_name.clone())),
        column("权限", "Permissions", |row| {
            Cell::Text(row.permissions.join(" "))
        }),
        column("说明", "Description", |row| Cell::Text(row.description.clone())),
    ];
}

impl From<Role> for Shown {
    fn from(role: Role) -> Self {
        Self {
            role_id: role.role_id,
            role_name: role.role_name,
            permissions: role.permissions,
            description: role.description,
            timestamp: role.timestamp,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 角色名称中的文字 Words in the name
    pub(super) role_name: Option<String>,
}

/// What can be edited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RoleDetails)]
pub(super) struct Details {
    /// 角色名称, 唯一 Its name, unique
    #[schema(min_length = 1, max_length = 64)]
    pub(super) role_name: String,
    /// 权限, 资源:动作, 不得超出自己的 Permissions, `resource:action`, within one's own
    #[schema(max_items = 500)]
    pub(super) permissions: Vec<String>,
    /// 说明 What it is for
    #[serde(default)]
    #[schema(max_length = 256)]
    pub(super) description: String,
}

impl Details {
    /// The role with these details.
    pub(super) fn applied_to(&self, role: Role) -> Role {
        Role {
            role_name: self.role_name.clone(),
            permissions: self.permissions.clone(),
            description: self.description.clone(),
            ..role
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewRole {
    /// 内容 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RoleEdit)]
pub(super) struct Edit {
    /// 角色编号 The role's id
    pub(super) role_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 内容 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RoleWhich)]
pub(super) struct Which {
    /// 角色编号 The role's id
    pub(super) role_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

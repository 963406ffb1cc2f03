//! What is sent and answered about users.

use clickhouse::Row;
use serde::{Deserialize, Serialize};
use store::table::user::User;
use utoipa::{IntoParams, ToSchema};

use crate::ground::{Cell, Column, Listed, column};

/// A user as others see him.
#[derive(Debug, Row, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub(super) struct Person {
    /// 用户编号 The user's id
    pub(super) user_id: u64,
    /// 账号 Account
    pub(super) account: String,
    /// 姓名 Name
    pub(super) user_name: String,
    /// 角色 Role
    pub(super) role_id: u64,
    /// 角色名称 Name of the role
    pub(super) role_name: String,
    /// 电话 Phone
    pub(super) phone: String,
    /// 邮箱 E-mail
    pub(super) email: String,
    /// 状态: 启用, 停用 State: 启用 enabled, 停用 disabled
    pub(super) state: String,
    /// 所属组织 The organizations the user belongs to
    pub(super) organization_ids: Vec<u64>,
    /// 密码修改时间, 毫秒 Password changed, Unix ms
    pub(super) password_time: i64,
    /// 版本, 修改时须带回 Version, Unix ms; a change must carry it
    pub(super) timestamp: i64,
}

impl Listed for Person {
    const WHAT: &'static str = "user";
    const FROM: &'static str = "(SELECT u.user_id AS user_id, u.account AS account, u.user_name AS user_name, \
        u.role_id AS role_id, r.role_name AS role_name, u.phone AS phone, u.email AS email, \
        toString(u.state) AS state, o.organization_ids AS organization_ids, \
        u.password_time AS password_time, u.timestamp AS timestamp \
        FROM (SELECT * FROM user FINAL WHERE flag_del = 0) AS u \
        LEFT JOIN (SELECT role_id, role_name FROM role FINAL WHERE flag_del = 0) AS r ON u.role_id = r.role_id \
        LEFT JOIN (SELECT user_id, groupArray(organization_id) AS organization_ids \
                   FROM organization_user FINAL WHERE flag_del = 0 GROUP BY user_id) AS o \
        ON u.user_id = o.user_id)";
    const SORT: &'static [&'static str] =
        &["user_id", "account", "user_name", "role_id", "state", "timestamp"];
    const ORDER: &'static str = "account, user_id";
    const COLUMNS: &'static [Column<Self>] = &[
        column("用户编号", "User id", |row| {
            Cell::Text(row.user_id.to_string())
        }),
        column("账号", "Account", |row| Cell::Text(row.account.clone())),
        column("姓名", "Name", |row| Cell::Text(row.user_name.clone())),
        column("角色", "Role", |row| Cell::Text(row.role_name.clone())),
        column("电话", "Phone", |row| Cell::Text(row.phone.clone())),
        column("邮箱", "E-mail", |row| Cell::Text(row.email.clone())),
        column("状态", "State", |row| Cell::Text(row.state.clone())),
        column("密码修改时间", "Password changed", |row| {
            Cell::Time(row.password_time)
        }),
    ];
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Filter {
    /// 账号、姓名、电话或邮箱中的文字 Words in account, name, phone or e-mail
    pub(super) words: Option<String>,
    /// 角色 Role
    pub(super) role_id: Option<u64>,
    /// 所属组织, 不含下级 Organization, without those below
    pub(super) organization_id: Option<u64>,
    /// 状态: 启用, 停用 State: 启用 enabled, 停用 disabled
    pub(super) state: Option<String>,
}

/// What can be edited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = UserDetails)]
pub(super) struct Details {
    /// 姓名 Name
    #[schema(min_length = 1, max_length = 64)]
    pub(super) user_name: String,
    /// 角色, 其权限不得超出自己的 Role, whose permissions must be within one's own
    pub(super) role_id: u64,
    /// 电话 Phone
    #[serde(default)]
    #[schema(max_length = 32)]
    pub(super) phone: String,
    /// 邮箱 E-mail
    #[serde(default)]
    #[schema(max_length = 128)]
    pub(super) email: String,
    /// 所属组织, 须在自己的组织及下级之内 Organizations, within one's own and those below
    #[schema(max_items = 100)]
    pub(super) organization_ids: Vec<u64>,
}

impl Details {
    /// The user with these details.
    pub(super) fn applied_to(&self, user: User) -> User {
        User {
            user_name: self.user_name.clone(),
            role_id: self.role_id,
            phone: self.phone.clone(),
            email: self.email.clone(),
            ..user
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewUser {
    /// 账号, 字母数字及 . _ @ -, 唯一 Account: letters, digits and . _ @ -, unique
    #[schema(min_length = 3, max_length = 64, pattern = "^[A-Za-z0-9._@-]+$")]
    pub(super) account: String,
    /// 初始密码, 不填则随机生成 First password; made at random if there is none
    #[schema(min_length = 10, max_length = 128)]
    pub(super) password: Option<String>,
    /// 资料 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UserEdit)]
pub(super) struct Edit {
    /// 用户编号 The user's id
    pub(super) user_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 资料 Details
    pub(super) details: Details,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UserWhich)]
pub(super) struct Which {
    /// 用户编号 The user's id
    pub(super) user_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = UserReset)]
pub(super) struct Reset {
    /// 用户编号 The user's id
    pub(super) user_id: u64,
    /// 读到的版本 The version that was read, Unix ms
    pub(super) timestamp: i64,
    /// 新密码, 不填则随机生成 The new password; made at random if there is none
    #[schema(min_length = 10, max_length = 128)]
    pub(super) password: Option<String>,
}

/// What was made of a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserGiven)]
pub(super) struct Given {
    /// 用户编号 The user's id
    user_id: u64,
    /// 账号 Account
    account: String,
    /// 状态: 启用, 停用 State: 启用 enabled, 停用 disabled
    state: String,
    /// 新版本 The new version, Unix ms
    timestamp: i64,
    /// 密码, 只在设置时显示一次, 登录后须修改 The password, told once; must be changed at sign-in
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl Given {
    pub(super) fn without_password(user: &User) -> Self {
        Self {
            user_id: user.user_id,
            account: user.account.clone(),
            state: user.state.clone(),
            timestamp: user.timestamp,
            password: None,
        }
    }

    pub(super) fn new(user: &User, password: String) -> Self {
        Self {
            password: Some(password),
            ..Self::without_password(user)
        }
    }
}

//! Who may use which route. The server asks this table before a handler runs, so a route that is not in it is
//! refused to everybody; a test walks the OpenAPI document and compares.

/// What a route needs of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Public,
    /// To be signed in, also with a password that must be changed first.
    SignedIn,
    /// To have this permission.
    Permission(&'static str),
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The route.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
}

const fn public(method: &'static str, path: &'static str) -> Access {
    let need = Need::Public;
    Access { method, path, need }
}

const fn signed_in(method: &'static str, path: &'static str) -> Access {
    let need = Need::SignedIn;
    Access { method, path, need }
}

const fn get(path: &'static str, permission: &'static str) -> Access {
    let need = Need::Permission(permission);
    Access {
        method: "GET",
        path,
        need,
    }
}

const fn post(path: &'static str, permission: &'static str) -> Access {
    let need = Need::Permission(permission);
    Access {
        method: "POST",
        path,
        need,
    }
}

/// Money, and the messages that may contain it. Not part of any `read`, because `*:read` is for everybody.
pub(crate) const AMOUNT: &str = "trade_record:amount";

/// Commands after which a pile may be away, out of service, or somebody else's: beside `command:write`.
pub(crate) const DANGEROUS: &str = "dangerous_command:write";

/// What ends a uuid, or moves one to another TCU.
const DANGEROUS_REGISTRATION: &str = "dangerous_registration:write";

/// Permissions that no route needs: they decide what an answer contains, or what a body may ask for.
pub(crate) const BEYOND_ROUTES: &[&str] = &[AMOUNT, DANGEROUS];

/// The table.
pub const ACCESS: &[Access] = &[
    public("GET", "/health/live"),
    public("GET", "/health/ready"),
    public("GET", "/metrics"),
    public("GET", "/version"),
    public("GET", "/openapi.json"),
    public("GET", "/docs"),
    public("GET", "/docs/"),
    public("GET", "/docs/{*rest}"),
    public("POST", "/auth/login"),
    public("POST", "/auth/refresh"),
    signed_in("POST", "/auth/logout"),
    signed_in("GET", "/auth/me"),
    signed_in("POST", "/auth/password"),
    get("/user/list", "user:read"),
    post("/user/add", "user:write"),
    post("/user/edit", "user:write"),
    post("/user/delete", "user:write"),
    post("/user/enable", "user:write"),
    post("/user/disable", "user:write"),
    post("/user/reset_password", "user:write"),
    get("/role/list", "role:read"),
    get("/role/permissions", "role:read"),
    post("/role/add", "role:admin"),
    post("/role/edit", "role:admin"),
    post("/role/delete", "role:admin"),
    get("/organization/tree", "organization:read"),
    post("/organization/add", "organization:write"),
    post("/organization/edit", "organization:write"),
    post("/organization/move", "organization:write"),
    post("/organization/delete", "organization:write"),
    get("/organization/user/list", "organization:read"),
    post("/organization/user/add", "organization:write"),
    post("/organization/user/delete", "organization:write"),
    get("/organization/station/list", "organization:read"),
    post("/organization/station/distribution", "organization:write"),
    get("/operation_record/list", "operation_record:read"),
    get("/system/status", "system:read"),
    get("/station/list", "station:read"),
    get("/station/overview", "station:read"),
    get("/station/monitor", "station:read"),
    get("/station/monitor/stream", "station:read"),
    post("/station/add", "station:write"),
    post("/station/edit", "station:write"),
    post("/station/delete", "station:write"),
    post("/station/import", "station:write"),
    get("/asset/list", "asset:read"),
    get("/asset/detail", "asset:read"),
    post("/asset/count", "asset:read"),
    post("/asset/add", "asset:write"),
    post("/asset/edit", "asset:write"),
    post("/asset/delete", "asset:write"),
    post("/asset/import", "asset:write"),
    get("/asset/import/progress", "asset:write"),
    get("/device_model/list", "device_model:read"),
    post("/device_model/add", "device_model:write"),
    post("/device_model/edit", "device_model:write"),
    post("/device_model/delete", "device_model:write"),
    get("/boot_failure/list", "boot_failure:read"),
    get("/boot_failure/detail", "boot_failure:read"),
    get("/boot_failure/statistics", "boot_failure:read"),
    get("/trade_record/list", "trade_record:read"),
    get("/trade_record/detail", "trade_record:read"),
    get("/trade_record/statistics", "trade_record:read"),
    get("/trade_record/conflict/list", "trade_record:read"),
    get("/trade_record/quarantine/list", "trade_record:read"),
    get("/run_data/list", "run_data:read"),
    get("/run_data/history", "run_data:read"),
    get("/login/list", "login:read"),
    get("/warn/list", "warn:read"),
    get("/command/kinds", "command:read"),
    get("/command/list", "command:read"),
    get("/command/detail", "command:read"),
    get("/command/events", "command:read"),
    post("/command/send", "command:write"),
    post("/command/cancel", "command:write"),
    get("/command/batch/list", "command:read"),
    get("/command/batch/detail", "command:read"),
    get("/command/batch/piles", "command:read"),
    post("/command/batch/send", "command:write"),
    post("/command/batch/pause", "command:write"),
    post("/command/batch/resume", "command:write"),
    post("/command/batch/cancel", "command:write"),
    get("/parameter/list", "parameter:read"),
    get("/parameter/comparison", "parameter:read"),
    post("/parameter/correct", "parameter:write"),
    get("/parameter/template/list", "parameter:read"),
    post("/parameter/template/add", "parameter:write"),
    post("/parameter/template/edit", "parameter:write"),
    post("/parameter/template/delete", "parameter:write"),
    get("/log/list", "log:read"),
    get("/log/detail", "log:read"),
    get("/log/view", "log:read"),
    get("/log/search", "log:read"),
    get("/log/download", "log:read"),
    post("/log/summon", "log:write"),
    post("/log/cancel", "log:write"),
    post("/log/delete", "log:write"),
    get("/ota/firmware/list", "ota:read"),
    post("/ota/firmware/upload", "ota:write"),
    post("/ota/firmware/delete", "ota:write"),
    get("/ota/campaign/list", "ota:read"),
    get("/ota/campaign/detail", "ota:read"),
    get("/ota/campaign/piles", "ota:read"),
    get("/ota/campaign/events", "ota:read"),
    get("/ota/campaign/figures", "ota:read"),
    get("/ota/campaign/report", "ota:read"),
    post("/ota/campaign/add", "ota:write"),
    post("/ota/campaign/edit", "ota:write"),
    post("/ota/campaign/delete", "ota:write"),
    post("/ota/campaign/start", "ota:write"),
    post("/ota/campaign/pause", "ota:write"),
    post("/ota/campaign/resume", "ota:write"),
    post("/ota/campaign/abort", "ota:write"),
    post("/ota/campaign/rollback", "ota:write"),
    get("/schedule/list", "schedule:read"),
    get("/schedule/runs", "schedule:read"),
    get("/schedule/preview", "schedule:read"),
    post("/schedule/add", "schedule:write"),
    post("/schedule/edit", "schedule:write"),
    post("/schedule/enable", "schedule:write"),
    post("/schedule/delete", "schedule:write"),
    get("/registration/list", "registration:read"),
    get("/registration/states", "registration:read"),
    get("/registration/detail", "registration:read"),
    post("/registration/approve", "registration:write"),
    post("/registration/refuse", "registration:write"),
    post("/registration/disable", "registration:write"),
    post("/registration/enable", "registration:write"),
    post("/registration/retire", DANGEROUS_REGISTRATION),
    post("/registration/release", DANGEROUS_REGISTRATION),
    post("/registration/change_uuid", DANGEROUS_REGISTRATION),
    post("/registration/swap", DANGEROUS_REGISTRATION),
    get("/registration/allow_list", "registration:read"),
    post("/registration/allow_list/add", "registration:write"),
    post("/registration/allow_list/delete", "registration:write"),
    get("/registration/open_access", "registration:read"),
    get("/broker_account/list", "broker_account:read"),
    post("/broker_account/add", "broker_account:write"),
    post("/broker_account/reset_password", "broker_account:write"),
    post("/broker_account/delete", "broker_account:write"),
];

/// What a route needs; none if it is not in the table.
pub(crate) fn need(method: &str, path: &str) -> Option<Need> {
    // HEAD is answered by what answers GET.
    let method = if method == "HEAD" { "GET" } else { method };
    let line = ACCESS
        .iter()
        .find(|line| line.path == path && line.method == method)?;
    Some(line.need)
}

/// Whether the path is in the table, for whatever method.
pub(crate) fn is_known(path: &str) -> bool {
    ACCESS.iter().any(|line| line.path == path)
}

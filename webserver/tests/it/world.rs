//! A database with people of every role and two trees of organizations, a web server over it, and clients that
//! have signed in.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::{Argon2, password_hash::PasswordHasher as _};
use axum::body::Bytes;
use axum::http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use store::table::organization::Organization;
use store::table::organization_user::OrganizationUser;
use store::table::role::Role;
use store::table::station::Station;
use store::table::user::User;
use store::{Clickhouse, ClickhouseOptions, Record, schema::SchemaOptions};
use testkit::Stack;
use webserver::SEEDS;

use crate::server::{Reply, Server, send};

pub(crate) const PASSWORD: &str = "Charging-piles-1";
static HASH: LazyLock<String> = LazyLock::new(|| {
    let hash = Argon2::default().hash_password(PASSWORD.as_bytes());
    hash.expect("a password can be hashed").to_string()
});

/// 集团 ─ 华东 ─ 上海; the people of the roles belong to 集团, except 超管, who belongs to none.
pub(crate) const GROUP: u64 = 1000;
pub(crate) const EAST: u64 = 1001;
pub(crate) const SHANGHAI: u64 = 1002;
/// Another tree, to which `stranger` belongs.
pub(crate) const FOREIGN: u64 = 2000;

/// Accounts of the seeded roles, in their order; each person's id is ten times the role's.
pub(crate) const ACCOUNTS: [&str; 4] = ["chaoguan", "guanliyuan", "yunwei", "zhidu"];
/// 管理员 of the other tree.
pub(crate) const STRANGER: &str = "stranger";

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) db: Clickhouse,
    pub(crate) stack: Stack,
}

impl World {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let stack = Stack::start().await?;
        let db = store_of(&stack);
        store::schema::apply(&db, &SchemaOptions::default()).await?;
        people(&db).await?;
        Ok(Self {
            server: Server::start(&stack).await?,
            db,
            stack,
        })
    }

    #[allow(dead_code, reason = "for tests of resources that insert people themselves")]
    /// Makes the servers read people and organizations anew, after rows were inserted behind their backs.
    pub(crate) async fn forget_directory(&self) -> anyhow::Result<()> {
        let mut redis = self.stack.redis_connection().await?;
        redis::cmd("SET")
            .arg("web:directory")
            .arg(format!("{:x}", rand::random::<u64>()))
            .exec_async(&mut redis)
            .await?;
        Ok(())
    }

    /// Stations 2001, 2002, … of no organization.
    pub(crate) async fn stations(&self, count: u64) -> anyhow::Result<()> {
        let station = |sta_id| Station {
            timestamp: 1,
            sta_id,
            sta_name: format!("站{sta_id}"),
            ..Station::default()
        };
        self.insert(&(2001..2001 + count).map(station).collect::<Vec<_>>())
            .await
    }

    pub(crate) async fn insert<R: Record>(&self, rows: &[R]) -> anyhow::Result<()> {
        insert(&self.db, rows).await
    }

    /// Somebody who has signed in.
    pub(crate) async fn client(&self, account: &str) -> anyhow::Result<Client> {
        Client::sign_in(self.server.base(), account, PASSWORD).await
    }

    /// 超管.
    pub(crate) async fn chief(&self) -> anyhow::Result<Client> {
        self.client(ACCOUNTS[0]).await
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        Ok(self.db.client().query_raw(sql).fetch_one::<u64>().await?)
    }
}

pub(crate) async fn insert<R: Record>(db: &Clickhouse, rows: &[R]) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| row.encode(&mut bytes));
    Ok(db.insert_rows(R::TABLE, bytes.into(), "").await?)
}

pub(crate) async fn people(db: &Clickhouse) -> anyhow::Result<()> {
    insert(db, &SEEDS.iter().map(role).collect::<Vec<_>>()).await?;
    let mut users: Vec<_> = (1..)
        .zip(ACCOUNTS)
        .map(|(role, account)| user(role * 10, account, role))
        .collect();
    users.push(user(50, STRANGER, 2));
    insert(db, &users).await?;
    let organization = |organization_id, parent_id, name: &str| Organization {
        timestamp: 1,
        organization_id,
        parent_id,
        organization_name: name.into(),
        ..Organization::default()
    };
    let tree = [
        organization(GROUP, 0, "集团"),
        organization(EAST, GROUP, "华东"),
        organization(SHANGHAI, EAST, "上海"),
        organization(FOREIGN, 0, "外部"),
    ];
    insert(db, &tree).await?;
    let member = |organization_id, user_id| OrganizationUser {
        timestamp: 1,
        organization_id,
        user_id,
        ..OrganizationUser::default()
    };
    let members = [
        member(GROUP, 20),
        member(GROUP, 30),
        member(GROUP, 40),
        member(FOREIGN, 50),
    ];
    insert(db, &members).await
}

pub(crate) fn store_of(stack: &Stack) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: stack.clickhouse_url(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(30),
        compression: false,
    })
}

fn role(seed: &webserver::Seed) -> Role {
    Role {
        timestamp: 1,
        flag_del: 0,
        role_id: seed.role_id,
        role_name: seed.role_name.into(),
        permissions: seed.permissions.iter().map(ToString::to_string).collect(),
        description: String::new(),
    }
}

pub(crate) fn user(user_id: u64, account: &str, role_id: u64) -> User {
    User {
        timestamp: 1,
        user_id,
        account: account.into(),
        user_name: account.into(),
        password_hash: HASH.clone(),
        role_id,
        state: "启用".into(),
        password_time: 1,
        ..User::default()
    }
}

/// A person at a web server.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    base: String,
    pub(crate) token: String,
    pub(crate) refresh: String,
}

impl Client {
    pub(crate) async fn sign_in(base: &str, account: &str, password: &str) -> anyhow::Result<Self> {
        let nobody = Self::nobody(base);
        let credentials = json!({ "account": account, "password": password });
        let reply = nobody.post("/auth/login", &credentials).await?;
        Ok(nobody.with(&reply.data()))
    }

    /// Somebody who has not signed in.
    pub(crate) fn nobody(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            token: String::new(),
            refresh: String::new(),
        }
    }

    /// The same with the tokens of an answer.
    pub(crate) fn with(&self, data: &Value) -> Self {
        let text = |name: &str| data[name].as_str().expect("a token").to_owned();
        Self {
            base: self.base.clone(),
            token: text("access_token"),
            refresh: text("refresh_token"),
        }
    }

    /// The same person at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self {
            base: server.base().to_owned(),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.request("GET", path, &[], Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.post_with(path, body, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<Reply> {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.request("POST", path, &headers, body.to_string().into())
            .await
    }

    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Reply> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request.body(Full::new(body))?).await
    }
}

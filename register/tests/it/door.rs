//! The hooks as EMQX sees them: a server of their own over a real ClickHouse.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use common::config::Secret;
use common::shutdown::Shutdown;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use protocol::{Password, Uuid, topic::Topics};
use register::access::Role;
use register::config::{AccessConfig, Mode};
use register::directory::Directory;
use register::http::hooks::{self, Hooks, OpenAccess};
use register::http::{self, Token};
use register::model::{Credential, Registration, Serial, State};
use register::watch::Sighting;
use serde_json::Value;
use store::table::broker_account::BrokerAccount;
use store::{Clickhouse, ClickhouseOptions, Record, Table};
use testkit::{Stack, wait_until};
use tokio::sync::mpsc;

pub(crate) const TOKEN: &str = "hook-token";
pub(crate) const SECRET: &str = "secret";
pub(crate) const LONG: Duration = Duration::from_secs(60);
pub(crate) const REFRESH: Duration = Duration::from_millis(200);

/// ClickHouse with the schema.
pub(crate) async fn database(stack: &Stack) -> Clickhouse {
    let db = at(stack, &stack.clickhouse_url());
    store::schema::apply(&db, &store::schema::SchemaOptions::default())
        .await
        .unwrap();
    db
}

/// The same database by another address.
pub(crate) fn at(stack: &Stack, url: &str) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: url.to_owned(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: Duration::from_secs(3),
        request_timeout: Duration::from_secs(30),
        compression: false,
    })
}

/// A TCU with an account named like its uuid, and [`SECRET`].
pub(crate) fn registration(version: i64, sn: &str, uuid: &str, state: State) -> Registration {
    Registration {
        version,
        sn: Serial::parse(sn).unwrap(),
        uuid: Some(Uuid::parse(uuid).unwrap()),
        former_uuid: None,
        state,
        model: "DC-120".to_owned(),
        contract: "HT1".to_owned(),
        software_version: String::new(),
        sim: String::new(),
        device_id: 0,
        username: uuid.to_owned(),
        credential: Some(Credential::of(&Password::new(SECRET))),
        credential_time: version,
        request_time: version,
        login_time: 0,
        decided_by: String::new(),
        reason: String::new(),
    }
}

pub(crate) async fn save(db: &Clickhouse, registrations: &[Registration]) {
    let mut rows = Vec::new();
    for registration in registrations {
        registration.with_row(|row| row.encode(&mut rows));
    }
    insert(db, Table::Registration, rows).await;
}

pub(crate) async fn save_account(db: &Clickhouse, username: &str, role: Role) {
    let mut rows = Vec::new();
    BrokerAccount {
        timestamp: register::ledger::now(),
        flag_del: 0,
        username,
        role: role.as_str(),
        credential: &Credential::of(&Password::new(SECRET)).to_string(),
        remark: "",
    }
    .encode(&mut rows);
    insert(db, Table::BrokerAccount, rows).await;
}

async fn insert(db: &Clickhouse, table: Table, rows: Vec<u8>) {
    let token = format!("{:032x}", rand::random::<u128>());
    db.insert_rows(table, rows.into(), &token).await.unwrap();
}

/// Hooks that answer, and what comes out of them.
pub(crate) struct Door {
    url: String,
    client: Client<HttpConnector, Full<bytes::Bytes>>,
    pub(crate) directory: Directory,
    pub(crate) sightings: mpsc::Receiver<Sighting>,
    pub(crate) shutdown: Shutdown,
    pub(crate) counting: tokio::task::JoinHandle<()>,
}

impl Door {
    /// Does not wait for the accounts.
    pub(crate) async fn build(db: Clickhouse, mode: Mode) -> Self {
        let shutdown = Shutdown::new();
        let directory = Directory::start(db.clone(), REFRESH, mode == Mode::Open, shutdown.child());
        let access = AccessConfig {
            mode,
            client_id_pattern: "{uuid}".to_owned(),
            refresh: REFRESH,
        };
        let open_access = OpenAccess::new();
        let counting = tokio::spawn(open_access.clone().keep_writing(db, shutdown.child()));
        let (sender, sightings) = mpsc::channel(16);
        let topics = Topics::new("xjdy", "TCU");
        let hooks = Hooks::new(directory.clone(), topics, &access, open_access, Some(sender));
        let routes = hooks::routes(Arc::new(hooks), Token::new(&Secret::new(TOKEN)).unwrap());
        let bound = http::bind(([127, 0, 0, 1], 0).into(), http::app([routes]))
            .await
            .unwrap();
        let url = format!("http://{}", bound.address());
        let stop = shutdown.child();
        tokio::spawn(bound.serve(stop, Duration::from_secs(1)));
        Self {
            url,
            client: Client::builder(TokioExecutor::new()).build_http(),
            directory,
            sightings,
            shutdown,
            counting,
        }
    }

    /// With the accounts loaded.
    pub(crate) async fn open(db: Clickhouse, mode: Mode) -> Self {
        let door = Self::build(db, mode).await;
        wait_until(LONG, async || door.directory.is_loaded())
            .await
            .unwrap();
        door
    }

    /// Posts as EMQX does: status and body.
    pub(crate) async fn post(&self, path: &str, body: impl Into<bytes::Bytes>) -> (u16, String) {
        self.send("POST", path, Some(&format!("Bearer {TOKEN}")), body)
            .await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        authorization: Option<&str>,
        body: impl Into<bytes::Bytes>,
    ) -> (u16, String) {
        let mut request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", "application/json");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let request = request.body(Full::new(body.into())).unwrap();
        let answer = self.client.request(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The answer to a client that connects; null for anything but 200.
    pub(crate) async fn connect(&self, client_id: &str, username: &str, password: &str) -> Value {
        let question = HashMap::from([
            ("clientid", client_id),
            ("username", username),
            ("password", password),
            ("peerhost", "10.0.0.7"),
            ("cn", ""),
        ]);
        let (status, body) = self
            .post("/emqx/authenticate", serde_json::to_vec(&question).unwrap())
            .await;
        match status {
            200 => serde_json::from_str(&body).unwrap(),
            _ => Value::Null,
        }
    }

    /// `allow` or `deny`; the status where it is not 200.
    pub(crate) async fn result(&self, username: &str, password: &str) -> String {
        let answer = self.connect("client", username, password).await;
        answer["result"].as_str().unwrap_or("unavailable").to_owned()
    }
}

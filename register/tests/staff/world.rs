//! The world of one test: the three engines, and as many registers as the test wants, each with its own connections
//! and its own HTTP address.

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use common::address::Address;
use common::config::Secret;
use common::shutdown::Shutdown;
use connections::open_redis;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use protocol::topic::Topics;
use register::access::{Role, dynsec};
use register::broker::Broker;
use register::config::{Config, Mode};
use register::desk::Desk;
use register::ledger::Ledger;
use register::model::Credential;
use register::operations::Operations;
use register::watch::{Sighting, Watch};
use serde_json::{Value, json};
use store::redis_keys::RedisKeys;
use store::{Clickhouse, ClickhouseOptions, schema};
use testkit::{MqttClient, MqttClientOptions, Stack};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

/// Three servers each: no more at once, whatever the machine.
static WORLDS: Semaphore = Semaphore::const_new(3);
pub(crate) const SOON: Duration = Duration::from_secs(60);
pub(crate) const TOKEN: &str = "a token of this test";
const PASSWORD: &str = "password of this test";

pub(crate) struct World {
    pub(crate) stack: Stack,
    _one_of_few: SemaphorePermit<'static>,
}

/// One register, without hooks.
pub(crate) struct Register {
    pub(crate) url: String,
    pub(crate) addresses: mpsc::Sender<Sighting>,
    stop: Shutdown,
}

impl Drop for Register {
    fn drop(&mut self) {
        self.stop.trigger();
    }
}

/// An answer of the interface.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

pub(crate) fn topics() -> Topics {
    Topics::new("xjdy", "TCU")
}

impl World {
    /// A closed broker that knows `register` and `engineer`, and an empty database with its tables.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let one_of_few = WORLDS.acquire().await?;
        let stack = Stack::start_with(|broker| {
            let file = broker.data_dir.join("accounts.json");
            std::fs::write(&file, accounts_file()).unwrap();
            broker.accounts = Some(file);
        })
        .await?;
        let world = Self {
            stack,
            _one_of_few: one_of_few,
        };
        schema::apply(&world.clickhouse(), &schema::SchemaOptions::default()).await?;
        Ok(world)
    }

    pub(crate) fn clickhouse(&self) -> Clickhouse {
        Clickhouse::new(&ClickhouseOptions {
            url: self.stack.clickhouse_url(),
            database: self.stack.database().to_owned(),
            user: String::new(),
            password: String::new(),
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
            compression: false,
        })
    }

    fn config(&self, name: &str) -> anyhow::Result<Config> {
        let mut config: Config = common::config::load(register::DEFAULTS, None, "NO_SUCH_PREFIX")?;
        config.mqtt.brokers = vec![Address {
            host: "127.0.0.1".to_owned(),
            port: self.stack.mqtt_port(),
        }];
        config.mqtt.password = Secret::new(PASSWORD);
        config.mqtt.client_id = name.to_owned();
        config.mqtt.share_group = "register".to_owned();
        Ok(config)
    }

    pub(crate) async fn register(&self, name: &str) -> anyhow::Result<Register> {
        self.register_with(name, |_| {}).await
    }

    /// One more register; desk, interface and watch run.
    pub(crate) async fn register_with(
        &self,
        name: &str,
        settings: impl FnOnce(&mut Config),
    ) -> anyhow::Result<Register> {
        self.register_at(name, self.stack.redis_url(), settings).await
    }

    /// The same, whose way to Redis is another.
    pub(crate) async fn register_at(
        &self,
        name: &str,
        redis: String,
        settings: impl FnOnce(&mut Config),
    ) -> anyhow::Result<Register> {
        let mut config = self.config(name)?;
        settings(&mut config);
        let redis = open_redis(&Secret::new(redis))?;
        let lock = config.registration.lock;
        let ledger = Ledger::new(self.clickhouse(), redis, RedisKeys::default(), lock);
        let broker = Broker::new(&config)?;
        let desk = Desk::new(&config);
        let outlet = desk.outlet();
        let open = desk.open(&config, ledger.clone(), broker.clone());
        config.access.refresh = Duration::from_millis(100);
        let operations = Operations::new(ledger, broker, outlet, &config.access);
        let stop = Shutdown::new();
        let (addresses, seen) = mpsc::channel(100);
        let watch = Watch::new(operations.clone(), config.duplicate.clone(), seen);
        tokio::spawn(watch.run(stop.clone()));
        let up = open.up.clone();
        let stopping = stop.clone();
        tokio::spawn(async move {
            stopping.cancelled().await;
            open.close().await;
        });
        let app = register::http::api::routes(operations, &Secret::new(TOKEN));
        let url = serve(app, stop.clone()).await?;
        until("requests come in", async || {
            up.iter().all(|up| up.load(std::sync::atomic::Ordering::Relaxed))
        })
        .await?;
        Ok(Register { url, addresses, stop })
    }

    /// Hears and says anything.
    pub(crate) async fn engineer(&self) -> anyhow::Result<MqttClient> {
        self.connect("engineer", "engineer", PASSWORD).await
    }

    pub(crate) async fn connect(
        &self,
        client_id: &str,
        username: &str,
        password: &str,
    ) -> anyhow::Result<MqttClient> {
        let options = MqttClientOptions::new(self.stack.mqtt_port(), client_id);
        MqttClient::connect_with(&options.credentials(username, password)).await
    }

    /// Asks for registration as a TCU does, and gives the result.
    pub(crate) async fn ask(&self, sn: &str, model: &str) -> anyhow::Result<Value> {
        let mut newcomer = self.newcomer(sn).await?;
        let request =
            json!({"命令": "注册申请", "出厂编号": sn, "型号": model, "合同号": "HT1", "SIM卡号": "8986"});
        newcomer.publish(topics().register(), request.to_string()).await?;
        result(&mut newcomer, sn).await
    }

    /// A client without credentials that waits for its result.
    pub(crate) async fn newcomer(&self, sn: &str) -> anyhow::Result<MqttClient> {
        let mut newcomer = self.stack.mqtt(&format!("new-{sn}")).await?;
        newcomer.subscribe(&topics().register_result(sn)).await?;
        Ok(newcomer)
    }

    pub(crate) async fn allow(&self, model: &str) -> anyhow::Result<()> {
        let sql = format!("INSERT INTO registration_allow_list SELECT 1, 0, '{model}', '', ''");
        self.run(&sql).await
    }

    pub(crate) async fn run(&self, sql: &str) -> anyhow::Result<()> {
        self.stack
            .clickhouse()
            .query_raw(sql)
            .execute()
            .await
            .context(sql.to_owned())
    }

    pub(crate) async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        let sql = format!("SELECT ifNull(toUInt64(({sql})), 0)");
        Ok(self.stack.clickhouse().query_raw(&sql).fetch_one().await?)
    }

    pub(crate) async fn text(&self, sql: &str) -> anyhow::Result<String> {
        Ok(self.stack.clickhouse().query_raw(sql).fetch_one().await?)
    }

    /// As ops_tcu adopts a pile.
    pub(crate) async fn adopt(&self, device_id: u64, uuid: &str) -> anyhow::Result<()> {
        self.run(&format!(
            "INSERT INTO asset (timestamp, flag_del, device_id, name, audit_status) \
             VALUES (1, 0, {device_id}, '{uuid}', '待接入')"
        ))
        .await
    }

    /// As ops_tcu records a login, `ago` ms ago.
    pub(crate) async fn login(&self, device_id: u64, uuid: &str, sn: &str, ago: i64) -> anyhow::Result<()> {
        let at = register::ledger::now() - ago;
        self.run(&format!(
            "INSERT INTO login_record (timestamp, pile_time, recv_time, device_id, uuid, reqid, model, sn, sim) \
             VALUES ({at}, {at}, {at}, {device_id}, '{uuid}', 1, 'DC-120', '{sn}', '8986-{sn}')"
        ))
        .await
    }

    /// The newest version of a registration, as a list shows it.
    pub(crate) async fn registration(&self, register: &Register, sn: &str) -> anyhow::Result<Value> {
        let reply = register.get(&format!("/registration/detail?sn={sn}")).await?;
        anyhow::ensure!(reply.status == 200, "{reply:?}");
        Ok(reply.body["data"].clone())
    }
}

/// The 注册结果 that comes next.
pub(crate) async fn result(newcomer: &mut MqttClient, sn: &str) -> anyhow::Result<Value> {
    let message = newcomer
        .expect(&topics().register_result(sn), |_| true, SOON)
        .await?;
    Ok(serde_json::from_slice(&message.payload)?)
}

fn accounts_file() -> Vec<u8> {
    let credential = Credential::of(&protocol::Password::new(PASSWORD));
    let roles = [Role::Register, Role::Engineer].map(|role| (role, role.rules(&topics())));
    let entries = roles.iter().map(|(role, rules)| dynsec::Entry {
        username: role.as_str(),
        credential: &credential,
        rules,
        enabled: true,
    });
    let newcomers = dynsec::without_account(&topics(), Mode::Closed);
    serde_json::to_vec(&dynsec::file(entries, &newcomers)).unwrap()
}

async fn serve(app: Router, stop: Shutdown) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = app.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move {
        let stopped = async move { stop.cancelled().await };
        axum::serve(listener, app).with_graceful_shutdown(stopped).await
    });
    Ok(url)
}

impl Register {
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.send("GET", path, &[], String::new()).await
    }

    /// A change by 王工.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        let headers = [
            ("x-operator", "%E7%8E%8B%E5%B7%A5"),
            ("content-type", "application/json"),
        ];
        self.send("POST", path, &headers, body.to_string()).await
    }

    /// A change that must be done; its data.
    pub(crate) async fn done(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let reply = self.post(path, body).await?;
        anyhow::ensure!(reply.status == 200, "{path} {body}: {reply:?}");
        Ok(reply.body["data"].clone())
    }

    /// With the token, unless `headers` have another.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> anyhow::Result<Reply> {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
        let mut request = axum::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", format!("Bearer {TOKEN}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = client.request(request.body(Full::from(body))?).await?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").cloned();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Reply {
            status,
            retry_after: retry_after.and_then(|value| value.to_str().ok().map(str::to_owned)),
            body: serde_json::from_slice(&body).with_context(|| format!("{status}: {body:?}"))?,
        })
    }
}

/// Waits for a condition, which the error names.
pub(crate) async fn until(what: &str, condition: impl AsyncFnMut() -> bool) -> anyhow::Result<()> {
    let mut condition = condition;
    let deadline = tokio::time::Instant::now() + SOON;
    while !condition().await {
        anyhow::ensure!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

//! A whole platform behind a closed door: real engines, register, ops_tcu.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use store::schema::{self, SchemaOptions};
use store::{Clickhouse, ClickhouseOptions};
use testkit::engines::{Mosquitto, MosquittoOptions, Running, TlsListener as Listener, listen_anywhere};
use testkit::{Stack, TlsListener, WorkspaceProcess, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SOON: Duration = Duration::from_secs(60);
pub(crate) const TOKEN: &str = "token of the staff";

/// See the module. Everything ends when it is dropped.
pub(crate) struct Site {
    pub(crate) stack: Stack,
    pub(crate) mosquitto: Running,
    pub(crate) tls: TlsListener,
    config: PathBuf,
    environment: Vec<(String, String)>,
    register: Option<WorkspaceProcess>,
    _ops_tcu: WorkspaceProcess,
}

impl Site {
    /// Running. `allowed` is the MODEL:CONTRACT that registers without approval.
    pub(crate) async fn start(allowed: &str) -> anyhow::Result<Self> {
        let stack = Stack::start().await?;
        schema::apply(&clickhouse(&stack), &SchemaOptions::default()).await?;
        let folder = stack.folder().to_owned();
        let config = folder.join("register.toml");
        let (accounts, door) = (folder.join("accounts.json"), folder.join("door.json"));
        let (for_register, for_ops_tcu) = (free_port()?, free_port()?);
        write_config(&stack, &config, 1, for_register)?;
        let arguments = [
            "--config",
            &config.display().to_string(),
            "provision",
            "--accounts",
            &accounts.display().to_string(),
            "--dynsec-file",
            &door.display().to_string(),
            "--allow",
            allowed,
        ]
        .map(str::to_owned);
        let log = folder.join("provision.log");
        let mut provision = WorkspaceProcess::spawn("register", "register", arguments, [], log).await?;
        let mut ended = None;
        wait_until(SOON, || {
            ended = provision.ended().ok().flatten();
            std::future::ready(ended.is_some())
        })
        .await?;
        anyhow::ensure!(
            ended.is_some_and(|status| status.success()),
            "{}",
            provision.output()
        );

        let tls = TlsListener::make(&folder)?;
        let mosquitto = Mosquitto::start(MosquittoOptions {
            accounts: Some(door),
            tls: Some(Listener {
                port: tls.port,
                certificate: folder.join("broker.crt"),
                key: folder.join("broker.key"),
            }),
            ..MosquittoOptions::new(folder.join("closed"))
        })
        .await?;
        write_config(&stack, &config, mosquitto.port(), for_register)?;
        let passwords: Value = serde_json::from_slice(&std::fs::read(&accounts)?)?;
        let password = |name: &str| passwords[name].as_str().unwrap_or_default().to_owned();
        let environment = |name: &str| {
            vec![
                ("OPS__MQTT__USERNAME".to_owned(), name.to_owned()),
                ("OPS__MQTT__PASSWORD".to_owned(), password(name)),
                ("OPS__HTTP__API_TOKEN".to_owned(), TOKEN.to_owned()),
            ]
        };
        let ops_tcu = ops_tcu(&stack, (mosquitto.port(), for_ops_tcu), environment("ops_tcu")).await?;
        let mut site = Self {
            environment: environment("register"),
            stack,
            mosquitto,
            tls,
            config,
            register: None,
            _ops_tcu: ops_tcu,
        };
        site.start_register().await?;
        for health in [for_register, for_ops_tcu] {
            wait_until(SOON, async || is_ready(health).await.unwrap_or_default()).await?;
        }
        Ok(site)
    }

    async fn start_register(&mut self) -> anyhow::Result<()> {
        let arguments = ["--config".to_owned(), self.config.display().to_string()];
        let log = self.stack.folder().join("register.log");
        let environment = self.environment.clone();
        let register = WorkspaceProcess::spawn("register", "register", arguments, environment, log).await?;
        self.register = Some(register);
        Ok(())
    }

    /// What register has logged.
    pub(crate) fn register_log(&self) -> String {
        self.register
            .as_ref()
            .map(WorkspaceProcess::output)
            .unwrap_or_default()
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> anyhow::Result<u64> {
        Ok(self.stack.clickhouse().query_raw(sql).fetch_one().await?)
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(listen_anywhere()?.local_addr()?.port())
}

async fn is_ready(health: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", health)).await?;
    stream.write_all(b"GET /health/ready HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.starts_with("HTTP/1.0 200") || answer.starts_with("HTTP/1.1 200"))
}

fn write_config(stack: &Stack, file: &PathBuf, mqtt: u16, health: u16) -> anyhow::Result<()> {
    let text = format!(
        "[mqtt]\nbrokers = [\"127.0.0.1:{mqtt}\"]\n[registration]\nrequests_per_sn = 100\nrefill = \"1s\"\n\
         [clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n[redis]\nurl = \"{}\"\n[telemetry]\n\
         listen = \"127.0.0.1:{health}\"\n[http]\nlisten = \"127.0.0.1:0\"\n",
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
    );
    Ok(std::fs::write(file, text)?)
}

async fn ops_tcu(
    stack: &Stack,
    (mqtt, health): (u16, u16),
    environment: Vec<(String, String)>,
) -> anyhow::Result<WorkspaceProcess> {
    let folder = stack.folder();
    let text = format!(
        "[mqtt]\nbrokers = [\"127.0.0.1:{mqtt}\"]\n[wal]\ndir = \"{}\"\nsegment_age = \"200ms\"\n\
         [clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n[redis]\nurl = \"{}\"\n[telemetry]\n\
         listen = \"127.0.0.1:{health}\"\n[device]\nrefresh = \"1s\"\n",
        folder.join("wal").display(),
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
    );
    let config = folder.join("ops_tcu.toml");
    std::fs::write(&config, text)?;
    let arguments = ["--config".to_owned(), config.display().to_string()];
    let broker_only = environment.into_iter().filter(|(key, _)| key.contains("MQTT"));
    let log = folder.join("ops_tcu.log");
    WorkspaceProcess::spawn("ops_tcu", "ops_tcu", arguments, broker_only, log).await
}

fn clickhouse(stack: &Stack) -> Clickhouse {
    Clickhouse::new(&ClickhouseOptions {
        url: stack.clickhouse_url(),
        database: stack.database().to_owned(),
        user: String::new(),
        password: String::new(),
        connect_timeout: SOON,
        request_timeout: SOON,
        compression: false,
    })
}

//! `register` as a program beside the web server, and a broker whose door it keeps.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use common::config::Secret;
use protocol::topic::Topics;
use serde_json::{Value, json};
use testkit::{MqttClient, MqttClientOptions, Stack, WorkspaceProcess, engines, logged, wait_until};

use crate::server::{Server, config};
use crate::world::{World, people, store_of};

pub(crate) const SOON: Duration = Duration::from_secs(120);
const TOKEN: &str = "a token of this test";

/// A running `register`; killed when dropped.
pub(crate) struct Register {
    process: WorkspaceProcess,
    file: PathBuf,
    log: PathBuf,
    password: String,
    starts: u32,
    /// Of its interface; the same after every start.
    port: u16,
}

/// A world whose broker lets in who has an account, and `register`, which the web server may ask.
pub(crate) async fn world() -> anyhow::Result<(World, Register)> {
    let mut stack = Stack::start_with(|broker| {
        let file = broker.data_dir.join("accounts.json");
        std::fs::write(&file, "{}").expect("the folder is there");
        broker.accounts = Some(file);
    })
    .await?;
    let db = store_of(&stack);
    store::schema::apply(&db, &store::schema::SchemaOptions::default()).await?;
    people(&db).await?;
    provide(&mut stack).await?;
    let register = Register::start(&stack).await?;
    let server = Server::start_as(register.config(&stack)?).await?;
    Ok((World { server, db, stack }, register))
}

/// Accounts of the services, in ClickHouse and in the broker's file.
async fn provide(stack: &mut Stack) -> anyhow::Result<()> {
    let folder = stack.folder();
    let file = folder.join("register.toml");
    let text = format!(
        "[mqtt]\nbrokers = [\"127.0.0.1:{}\"]\n[registration]\nrequests_per_sn = 1000\n[http]\nlisten = \"127.0.0.1:{}\"\n\
         [clickhouse]\nurl = \"{}\"\ndatabase = \"{}\"\n[redis]\nurl = \"{}\"\n\
         [telemetry]\nlisten = \"127.0.0.1:0\"\n[log]\nformat = \"json\"\n",
        stack.mqtt_port(),
        engines::listen_anywhere()?.local_addr()?.port(),
        stack.clickhouse_url(),
        stack.database(),
        stack.redis_url(),
    );
    std::fs::write(&file, text)?;
    let arguments = [
        "--config".to_owned(),
        file.display().to_string(),
        "provision".to_owned(),
        "--accounts".to_owned(),
        folder.join("passwords.json").display().to_string(),
        "--dynsec-file".to_owned(),
        folder.join("mosquitto/accounts.json").display().to_string(),
    ];
    let log = folder.join("provision.log");
    stack.mosquitto.kill().await?;
    let mut provision = WorkspaceProcess::spawn("register", "register", arguments, [], log).await?;
    wait_until(SOON, || {
        let ended = provision.ended();
        async move { ended.is_ok_and(|ended| ended.is_some()) }
    })
    .await
    .context("accounts are provided")?;
    let success = provision.ended()?.is_some_and(|status| status.success());
    anyhow::ensure!(success, "register provision: {}", provision.output());
    Ok(stack.mosquitto.restart().await?)
}

/// Of an account that was provided.
fn password(stack: &Stack, account: &str) -> anyhow::Result<String> {
    let passwords = std::fs::read(stack.folder().join("passwords.json"))?;
    let passwords: Value = serde_json::from_slice(&passwords)?;
    let password = passwords[account].as_str();
    Ok(password.context("it has an account")?.to_owned())
}

impl Register {
    async fn start(stack: &Stack) -> anyhow::Result<Self> {
        let file = stack.folder().join("register.toml");
        let settings: String = std::fs::read_to_string(&file)?;
        let port = settings
            .split("[http]\nlisten = \"127.0.0.1:")
            .nth(1)
            .and_then(|rest| rest.split('"').next()?.parse().ok());
        let port = port.context("the file was written above")?;
        let password = password(stack, "register")?;
        let log = stack.folder().join("register.log");
        let process = run(&file, &log, &password).await?;
        let register = Self {
            process,
            file,
            log,
            password,
            starts: 1,
            port,
        };
        register.until_ready().await?;
        Ok(register)
    }

    /// How a web server is told of it.
    pub(crate) fn config(&self, stack: &Stack) -> anyhow::Result<webserver::Config> {
        let mut config = config(stack)?;
        config.register.url = self.url();
        config.register.token = Secret::new(TOKEN);
        config.mqtt.username = "webserver".to_owned();
        config.mqtt.password = Secret::new(password(stack, "webserver")?);
        Ok(config)
    }

    /// Where its interface is.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// As by `kill -9`.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// Once it has ended.
    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        self.starts += 1;
        self.log.set_extension(format!("{}.log", self.starts));
        self.process = run(&self.file, &self.log, &self.password).await?;
        self.until_ready().await
    }

    /// Waits until its interface is served and it hears requests.
    async fn until_ready(&self) -> anyhow::Result<()> {
        let lines = [
            "serving hooks and interface",
            "the uuid counter stands above every known uuid",
        ];
        wait_until(SOON, || async {
            let log = self.process.output();
            lines.iter().all(|line| logged(&log, line).is_some())
        })
        .await
        .with_context(|| self.process.output())
    }
}

async fn run(
    file: &std::path::Path,
    log: &std::path::Path,
    password: &str,
) -> anyhow::Result<WorkspaceProcess> {
    let arguments = ["--config".to_owned(), file.display().to_string()];
    let environment = [
        ("OPS__MQTT__PASSWORD".to_owned(), password.to_owned()),
        ("OPS__HTTP__API_TOKEN".to_owned(), TOKEN.to_owned()),
    ];
    WorkspaceProcess::spawn("register", "register", arguments, environment, log).await
}

/// A TCU without an account that waits for its result.
pub(crate) struct Tcu {
    sn: String,
    client: MqttClient,
}

fn topics() -> Topics {
    Topics::new("xjdy", "TCU")
}

impl Tcu {
    /// At the door of this broker.
    pub(crate) async fn new(world: &World, sn: &str) -> anyhow::Result<Self> {
        let mut client = world.stack.mqtt(&format!("new-{sn}")).await?;
        client.subscribe(&topics().register_result(sn)).await?;
        Ok(Self {
            sn: sn.to_owned(),
            client,
        })
    }

    /// Asks until it is answered, as firmware does, and gives the answer.
    pub(crate) async fn ask(&mut self) -> anyhow::Result<Value> {
        let request = json!({"命令": "注册申请", "出厂编号": self.sn, "型号": "DC-120", "合同号": "HT1", "SIM卡号": "8986"});
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            self.client
                .publish(topics().register(), request.to_string())
                .await?;
            match self.hears("结果", Duration::from_secs(10)).await {
                Ok(answer) => return Ok(answer),
                Err(error) if tokio::time::Instant::now() > deadline => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The next result that has this key.
    pub(crate) async fn hears(&mut self, key: &str, within: Duration) -> anyhow::Result<Value> {
        let topic = topics().register_result(&self.sn);
        let read = |payload: &[u8]| serde_json::from_slice::<Value>(payload).unwrap_or_default();
        let has_it = |payload: &[u8]| !read(payload)[key].is_null();
        let message = self.client.expect(&topic, has_it, within).await?;
        Ok(read(&message.payload))
    }
}

/// Whether the broker lets somebody in.
pub(crate) async fn lets_in(world: &World, username: &str, password: &str) -> bool {
    let options = MqttClientOptions::new(
        world.stack.mqtt_port(),
        format!("try-{:08x}", rand::random::<u32>()),
    );
    MqttClient::connect_with(&options.credentials(username, password))
        .await
        .is_ok()
}

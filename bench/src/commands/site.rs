//! Engines, ops_tcu, connector, webserver, and somebody who has signed in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use common::shutdown::Shutdown;
use protocol::topic::Topics;
use proxy::{Outcome, Proxy, ProxyOptions};
use testkit::{Stack, wait_until};
use tokio::sync::broadcast;

use crate::api::client::Client;
use crate::generate::{self, People};
use crate::platform::{OpsTcu, Service, listen};

/// Outcomes that may wait to be looked at.
const WAITING: usize = 1 << 17;

/// See the module. Everything ends when it is dropped.
pub(super) struct Site {
    pub(super) stack: Stack,
    pub(super) client: Client,
    /// What ops_tcu publishes of commands.
    pub(super) outcomes: broadcast::Sender<Arc<Outcome>>,
    _ops_tcu: OpsTcu,
    pub(super) connector: Service,
    _webserver: Service,
    _looking: Proxy,
}

impl Site {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let stack = Stack::start().await?;
        let db = generate::database(&stack.clickhouse_url(), stack.database());
        store::schema::apply(&db, &store::schema::SchemaOptions::default()).await?;
        generate::chief(&db).await?;
        let ops_tcu = OpsTcu::start(&stack, &[]).await?;
        let ftp = listen()?;
        let settings = [
            // The broker lets everybody in.
            ("OPS__MQTT__USERNAME", String::new()),
            ("OPS__FTP__EMBEDDED", "true".to_owned()),
            ("OPS__FTP__LISTEN", ftp.clone()),
            ("OPS__FTP__ADDRESS", ftp),
            // Below the ports that connections go out from.
            ("OPS__FTP__PASSIVE_PORTS", "10240-32767".to_owned()),
            (
                "OPS__FTP__FOLDER",
                stack.folder().join("ftp").display().to_string(),
            ),
        ];
        let connector = Service::start(&stack, "connector", "OPS__TELEMETRY__LISTEN", &settings).await?;
        let webserver = Service::start(&stack, "webserver", "OPS__HTTP__LISTEN", &[]).await?;
        let base = webserver.base.clone();
        wait_until(Duration::from_secs(60), async || {
            Client::sign_in(&base, People::ACCOUNTS[0], People::PASSWORD)
                .await
                .is_ok()
        })
        .await
        .with_context(|| format!("nobody can sign in:\n{}", webserver.process.output()))?;
        let client = Client::sign_in(&base, People::ACCOUNTS[0], People::PASSWORD).await?;
        let broker = format!("127.0.0.1:{}", stack.mqtt_port());
        let broker = broker.parse().map_err(anyhow::Error::msg)?;
        let topics = Topics::new("xjdy", "TCU");
        let options = ProxyOptions::passing(broker, "bench", topics);
        let (looking, outcomes, _) = Proxy::watching(&options, WAITING, Shutdown::new());
        wait_until(Duration::from_secs(60), async || looking.is_up()).await?;
        Ok(Self {
            client,
            outcomes,
            _ops_tcu: ops_tcu,
            connector,
            _webserver: webserver,
            _looking: looking,
            stack,
        })
    }

    /// The piles that have an asset, by uuid.
    pub(super) async fn assets(&self) -> anyhow::Result<HashMap<String, u64>> {
        let sql = "SELECT toString(name), device_id FROM asset FINAL WHERE flag_del = 0";
        let rows = self
            .stack
            .clickhouse()
            .query(sql)
            .fetch_all::<(String, u64)>()
            .await?;
        Ok(rows.into_iter().collect())
    }
}

//! The database that is measured over, and the web server in front of it.

use std::time::Duration;

use anyhow::Context as _;
use store::Clickhouse;
use testkit::{Stack, WorkspaceProcess, wait_until};

use super::client::Client;
use crate::generate::{self, People, Sizes};
use crate::platform::cpu_seconds;

/// Which data.
#[derive(Debug, clap::Args)]
pub(crate) struct Data {
    #[command(flatten)]
    sizes: Sizes,
    /// ClickHouse with a database that `bench generate` has filled with the same sizes, instead of one made now
    #[arg(long, requires = "database")]
    url: Option<String>,
    /// That database
    #[arg(long, requires = "url")]
    database: Option<String>,
}

/// Where the data is.
pub(crate) struct Place {
    pub(crate) url: String,
    database: String,
}

impl Data {
    fn place(&self, stack: &Stack) -> Place {
        match (&self.url, &self.database) {
            (Some(url), Some(database)) => Place {
                url: url.clone(),
                database: database.clone(),
            },
            _ => Place {
                url: stack.clickhouse_url(),
                database: stack.database().to_owned(),
            },
        }
    }
}

/// Engines and data. All of it goes when it is dropped, unless the data were somebody else's.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) db: Clickhouse,
    pub(crate) place: Place,
    pub(crate) sizes: Sizes,
}

impl World {
    /// Starts the engines, and makes the data unless they are there.
    pub(crate) async fn start(data: &Data) -> anyhow::Result<Self> {
        let sizes = data.sizes.resolved();
        let stack = Stack::start().await?;
        let place = data.place(&stack);
        let db = generate::database(&place.url, &place.database);
        store::schema::apply(&db, &store::schema::SchemaOptions::default()).await?;
        if data.url.is_none() {
            generate::fill(&db, &sizes, store::versioned::now()).await?;
        }
        Ok(Self {
            stack,
            db,
            place,
            sizes,
        })
    }
}

/// The program.
pub(crate) struct Webserver {
    process: WorkspaceProcess,
    pub(crate) base: String,
}

impl Webserver {
    /// Starts it, and waits until people can sign in.
    pub(crate) async fn start(stack: &Stack, place: &Place) -> anyhow::Result<Self> {
        let port = testkit::engines::listen_anywhere()?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let environment = [
            ("OPS__HTTP__LISTEN", listen.clone()),
            ("OPS__CLICKHOUSE__URL", place.url.clone()),
            ("OPS__CLICKHOUSE__DATABASE", place.database.clone()),
            ("OPS__REDIS__URL", stack.redis_url()),
            ("OPS__MQTT__BROKER", format!("127.0.0.1:{}", stack.mqtt_port())),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        let log = stack.folder().join("webserver.log");
        let process = WorkspaceProcess::spawn("webserver", "webserver", [""; 0], environment, log).await?;
        let base = format!("http://{listen}");
        // The roles are the last that a first start makes; nobody can sign in before.
        wait_until(Duration::from_secs(30), async || {
            Client::sign_in(&base, People::ACCOUNTS[0], People::PASSWORD)
                .await
                .is_ok()
        })
        .await
        .with_context(|| format!("nobody can sign in:\n{}", process.output()))?;
        Ok(Self { process, base })
    }

    /// Its process.
    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.process.pid().context("webserver has ended")
    }

    /// Processor seconds that it has used.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(self.pid()?)
    }
}

//! The web API under people's load: lists and details over a large database, at a steady rate that does not wait
//! for answers, as 超管 and as somebody of a middle organization.

mod bulk;
pub(crate) mod client;
mod drive;
mod ingest;
mod requests;

use std::time::Duration;

use anyhow::Context as _;
use testkit::{Stack, WorkspaceProcess, wait_until};

use self::client::Client;
use crate::generate::{self, People, Sizes};
use crate::platform::cpu_seconds;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    sizes: Sizes,
    /// Requests per second, of both callers together
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// How long to measure, seconds
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How long to drive before that, seconds
    #[arg(long, default_value_t = 10)]
    warm_up: u32,
    /// Messages per second of piles that come in meanwhile, through the broker and ops_tcu; 0 = none
    #[arg(long, default_value_t = 2_000)]
    ingest: u32,
    /// ClickHouse with a database that `bench generate` has filled with the same sizes, instead of one made now
    #[arg(long, requires = "database")]
    url: Option<String>,
    /// That database
    #[arg(long, requires = "url")]
    database: Option<String>,
}

/// Where the data is.
struct Place {
    url: String,
    database: String,
}

impl Options {
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

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let sizes = options.sizes.resolved();
    let stack = Stack::start().await?;
    let place = options.place(&stack);
    let db = generate::database(&place.url, &place.database);
    store::schema::apply(&db, &store::schema::SchemaOptions::default()).await?;
    if options.url.is_none() {
        generate::fill(&db, &sizes, store::versioned::now()).await?;
    }
    let ingest = match options.ingest {
        0 => None,
        rate => Some(ingest::Ingest::start(&stack, &db, &place.url, rate).await?),
    };
    let server = Webserver::start(&stack, &place).await?;
    let mut callers = Vec::new();
    for account in People::ACCOUNTS {
        let client = Client::sign_in(&server.base, account, People::PASSWORD).await?;
        let requests = requests::of(&client, &sizes).await?;
        println!("{account}: {} different requests", requests.len());
        callers.push(drive::Caller {
            account,
            client,
            requests,
        });
    }
    println!(
        "{} assets, {} stations, {} organizations, {} run_data, {} trade_record, {} boot_failed_record",
        sizes.assets, sizes.stations, sizes.organizations, sizes.run_data, sizes.trades, sizes.failures
    );
    drive::drive(&callers, options.rate, options.warm_up).await?;
    let before = server.cpu_seconds()?;
    let measured = drive::drive(&callers, options.rate, options.seconds).await?;
    measured.print();
    println!(
        "webserver: {:.1} ms of processor per request",
        (server.cpu_seconds()? - before) * 1000.0 / measured.requests() as f64
    );
    let pid = server.process.pid().context("webserver has ended")?;
    bulk::run(&callers[0].client, &db, pid).await?;
    match ingest {
        Some(ingest) => ingest.stop(&db).await,
        None => Ok(()),
    }
}

/// The program.
struct Webserver {
    process: WorkspaceProcess,
    base: String,
}

impl Webserver {
    async fn start(stack: &Stack, place: &Place) -> anyhow::Result<Self> {
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

    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(self.process.pid().context("webserver has ended")?)
    }
}

//! The web API under people's load: lists and details over a large database, at a steady rate that does not wait
//! for answers, as 超管 and as somebody of a middle organization.

mod bulk;
pub(crate) mod client;
mod drive;
mod ingest;
mod requests;
pub(crate) mod world;

use self::client::Client;
use self::world::{Data, Webserver, World};
use crate::generate::People;

/// What to measure with.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    data: Data,
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
}

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let World {
        stack,
        db,
        place,
        sizes,
    } = World::start(&options.data).await?;
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
    bulk::run(&callers[0].client, &db, server.pid()?).await?;
    match ingest {
        Some(ingest) => ingest.stop(&db).await,
        None => Ok(()),
    }
}

//! Commands to a fleet that is online: how soon a pile has one, how long a batch to all takes, firmware and logs for
//! many at once, and a campaign over piles of which some misbehave. Every figure counts what piles themselves heard.

mod batch;
mod campaign;
mod files;
mod fleet;
mod latency;
mod rollout;
mod site;
mod summary;

use self::fleet::Fleet;
use self::site::Site;

/// What to measure with.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Piles online
    #[arg(long, default_value_t = 10_000)]
    piles: u32,
    /// Commands sent one by one, each to another pile
    #[arg(long, default_value_t = 600)]
    sends: u32,
    /// Of those per second
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// Piles that fetch a package at once
    #[arg(long, default_value_t = 200)]
    fetching: u32,
    /// What to measure, in this order
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "latency,batch,files,campaign"
    )]
    parts: Vec<Part>,
}

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// One command after the other
    Latency,
    /// One command to all
    Batch,
    /// A package and logs over FTP
    Files,
    /// A campaign with faults over all
    Campaign,
}

/// Runs it.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let wants = |part| options.parts.contains(&part);
    if [Part::Latency, Part::Batch, Part::Files].into_iter().any(wants) {
        measure_quiet(options).await?;
    }
    if wants(Part::Campaign) {
        // Afresh, so that neither disturbs the other.
        campaign::run(&Site::start().await?, options).await?;
    }
    Ok(())
}

/// What wants a platform that is idle but for the commands. What piles heard is known when they have ended.
async fn measure_quiet(options: &Options) -> anyhow::Result<()> {
    let wants = |part| options.parts.contains(&part);
    let site = Site::start().await?;
    // They say who they are, and then little.
    let quiet = ["--charge-rate", "0", "--warning-rate", "0", "--interval", "10m"];
    let fleet = Fleet::start(&site, options.piles, &quiet).await?;
    println!(
        "{} piles online, every engine and service on this machine",
        options.piles
    );
    let (mut sent, mut asked, mut carried) = (None, None, None);
    if wants(Part::Latency) {
        sent = Some(latency::send(&site, &fleet, options).await?);
    }
    if wants(Part::Batch) {
        asked = Some(batch::ask_all(&site).await?);
    }
    if wants(Part::Files) {
        carried = Some(files::carry(&site, &fleet, options).await?);
    }
    let told = fleet.end().await?;
    sent.iter().try_for_each(|sent| latency::report(sent, &told))?;
    asked
        .iter()
        .try_for_each(|asked| batch::report(asked, &told, options.piles))?;
    carried
        .iter()
        .try_for_each(|carried| files::report(carried, &told))
}

//! A whole run: start, watch for its end, linger, stop, report.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use common::shutdown::Shutdown;
use tokio_util::task::TaskTracker;

use crate::options::Options;
use crate::report::{Report, progress};
use crate::world::{Phase, World};
use crate::{fleet, flood, limits};

const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Once asked to stop, confirmations on their way get this long.
const LINGER_AFTER_SHUTDOWN: Duration = Duration::from_secs(3);
/// For all connections to say goodbye.
const GOODBYE: Duration = Duration::from_secs(10);

/// Simulates what the options say until their duration is over, or `shutdown` is raised.
///
/// # Errors
/// [`crate::BadOptions`] when the options make no sense or a file they name cannot be used, or the machine's limits do not carry them. A broker that is away is no
/// error: it is waited for, and counted in the report.
pub async fn run(options: Options, shutdown: Shutdown) -> anyhow::Result<Report> {
    options.validate()?;
    if options.flood {
        limits::require_descriptors(options.connections, 0)?;
    } else {
        limits::require_descriptors(options.piles, options.acting.ftp_connections)?;
    }
    let world = Arc::new(World::new(options)?);
    let tasks = TaskTracker::new();
    let progress = tokio::spawn(progress::show(Arc::clone(&world)));
    if world.options.flood {
        flood::start(&world, &tasks);
    } else {
        tasks.spawn(fleet::start(Arc::clone(&world), tasks.clone()));
    }

    let was_asked = run_on(&world, &shutdown).await;
    let sending = world.started.elapsed();
    world.enter(Phase::Lingering);
    let linger = world.options.linger;
    linger_on(
        &world,
        if was_asked {
            linger.min(LINGER_AFTER_SHUTDOWN)
        } else {
            linger
        },
        &shutdown,
    )
    .await;

    world.enter(Phase::Stopping);
    tasks.close();
    if tokio::time::timeout(GOODBYE, tasks.wait()).await.is_err() {
        world.stats.count_error("a connection did not end in time");
    }
    progress.abort();
    // Its end erases the bar; an aborted task is what is expected here.
    drop(progress.await);
    Ok(Report::of(&world, sending))
}

/// True if it ended because it was asked to.
async fn run_on(world: &World, shutdown: &Shutdown) -> bool {
    let over = async {
        match world.options.duration {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let done = async {
        while !is_done(world) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = shutdown.cancelled() => true,
        () = over => false,
        () = done => false,
    }
}

fn is_done(world: &World) -> bool {
    let options = &world.options;
    if options.flood {
        let lanes = options.connections.min(options.piles);
        return world.stats.lanes_done.load(Relaxed) >= u64::from(lanes);
    }
    let counts = world.ledger.counts();
    let wanted = u64::from(options.piles) * u64::from(options.charges.unwrap_or(1));
    options.stop_when_confirmed && counts.confirmed >= wanted && counts.unconfirmed == 0
}

async fn linger_on(world: &World, at_most: Duration, shutdown: &Shutdown) {
    let confirmed = async {
        while world.ledger.counts().unconfirmed > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    // A stop asked for while lingering cuts it short, but not to nothing.
    let cut_short = async {
        shutdown.cancelled().await;
        tokio::time::sleep(LINGER_AFTER_SHUTDOWN).await;
    };
    tokio::select! {
        () = confirmed => {}
        () = tokio::time::sleep(at_most) => {}
        () = cut_short => {}
    }
}

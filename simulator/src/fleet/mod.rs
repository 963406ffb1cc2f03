//! The fleet: one connection and one task per pile, started at a steady pace.

mod admission;
mod session;
mod station;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::world::{Phase, World};
use session::Session;

const START_EVERY: Duration = Duration::from_millis(20);

/// Starts every pile; returns once all are started or the run stops.
pub(crate) async fn start(world: Arc<World>, tasks: TaskTracker) {
    let mut phase = world.phase();
    let mut ticks = tokio::time::interval(START_EVERY);
    let mut started = 0;
    while started < world.options.piles {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = phase.wait_for(|phase| *phase != Phase::Running) => return,
        }
        let due = world.started.elapsed().as_secs_f64() * f64::from(world.options.connect_rate);
        let due = (due as u32).saturating_add(1).min(world.options.piles);
        for index in started..due {
            tasks.spawn(Session::new(Arc::clone(&world), index).run());
        }
        started = started.max(due);
    }
}

//! The flood: a few connections carry the messages of many piles as fast as the broker takes them.

mod lane;
mod pace;
mod unconfirmed;
mod window;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::world::World;

/// Starts the connections.
pub(crate) fn start(world: &Arc<World>, tasks: &TaskTracker) {
    for index in 0..world.options.connections.min(world.options.piles) {
        tasks.spawn(lane::Lane::new(Arc::clone(world), index).run());
    }
}

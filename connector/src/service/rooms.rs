//! Every room of the connector, a line each.

use super::term::Room;
use crate::ground::Ground;
use crate::{batch, files, harvest, log_file, ota, schedule};

/// The rooms of one term. Making one is what makes it follow outcomes; its work begins when it is polled.
pub(super) fn all(ground: &Ground) -> Vec<(&'static str, Room)> {
    vec![
        ("batch", Box::pin(batch::start(ground))),
        ("harvest", Box::pin(harvest::start(ground))),
        ("schedule", Box::pin(schedule::start(ground))),
        ("files", Box::pin(files::start(ground))),
        ("log_file", Box::pin(log_file::start(ground))),
        ("ota", Box::pin(ota::start(ground))),
    ]
}

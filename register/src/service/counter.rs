//! At every start the counter is raised above the largest uuid that ClickHouse knows.

use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use tracing::{info, warn};

use crate::ledger::Ledger;

/// Tries until it is done. Requests need not wait for it: whoever takes a number from a counter that is too low is
/// told so by ClickHouse.
pub(super) async fn raise(ledger: Ledger, stop: Shutdown) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    loop {
        match ledger.raise_counter().await {
            Ok(counter) => {
                info!(counter, "the uuid counter stands above every known uuid");
                return;
            }
            Err(error) => warn!(%error, "the uuid counter cannot be raised yet; trying again"),
        }
        tokio::select! {
            () = backoff.wait() => {}
            () = stop.cancelled() => return,
        }
    }
}

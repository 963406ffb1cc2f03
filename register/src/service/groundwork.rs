//! What every start does first: the schema, and a counter above the largest uuid that ClickHouse knows.

use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use store::schema::{self, SchemaOptions};
use tracing::{info, warn};

use crate::ledger::{Ledger, LedgerError};

/// Tries until it is done. Requests need not wait for it: whoever takes a number from a counter that is too low is
/// told so by ClickHouse.
pub(super) async fn lay(ledger: Ledger, stop: Shutdown) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    loop {
        match try_to(&ledger).await {
            Ok(counter) => {
                info!(counter, "the uuid counter stands above every known uuid");
                return;
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                warn!(%error, cause, "the uuid counter cannot be raised yet; trying again");
            }
        }
        tokio::select! {
            () = backoff.wait() => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn try_to(ledger: &Ledger) -> Result<u64, LedgerError> {
    let applied = schema::apply(ledger.db(), &SchemaOptions::default()).await?;
    if let Some(last) = applied.last() {
        info!(steps = applied.len(), last, "brought the schema up to date");
    }
    ledger.raise_counter().await
}

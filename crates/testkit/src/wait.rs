//! Waiting for a condition instead of for a time.

use std::future::Future;
use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, sleep};

const ASK_EVERY: Duration = Duration::from_millis(10);

/// Asks until the condition holds.
///
/// # Errors
/// When it does not hold by the deadline.
pub async fn wait_until<F, C>(within: Duration, mut condition: C) -> anyhow::Result<()>
where
    C: FnMut() -> F,
    F: Future<Output = bool>,
{
    let deadline = Instant::now() + within;
    while !condition().await {
        if Instant::now() > deadline {
            bail!("the condition does not hold within {within:?}");
        }
        sleep(ASK_EVERY).await;
    }
    Ok(())
}

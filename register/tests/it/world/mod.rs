//! The world of one test: real Mosquitto, Redis and ClickHouse, and `register` as a program beside them.

mod http;
mod register;
mod tcu;

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

pub(crate) use register::{Register, Settings};
pub(crate) use tcu::{Tcus, request};

/// A whole stack is three servers and half a gigabyte: no more of them at once, whatever the machine.
static STACKS: Semaphore = Semaphore::const_new(3);

/// Anything that is done at once, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A place for one more stack of servers.
pub(crate) async fn place() -> anyhow::Result<SemaphorePermit<'static>> {
    Ok(STACKS.acquire().await?)
}

/// Waits for a condition, which the error names.
pub(crate) async fn until(
    what: &str,
    within: Duration,
    condition: impl AsyncFnMut() -> bool,
) -> anyhow::Result<()> {
    let mut condition = condition;
    let deadline = tokio::time::Instant::now() + within;
    while !condition().await {
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "waited {within:?} in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

//! One broker connection's way out: drives what MqttClienter publishes until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use common::backoff::Backoff;
use common::shutdown::Shutdown;
use tracing::warn;

use crate::mqtt::{Health, Link, LinkEvent};

/// Polls until `stop` and the end of the connection, which follows the last publish.
pub(crate) async fn run(mut link: Link, number: u8, health: Arc<Health>, stop: Shutdown) {
    let mut events = Vec::new();
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        match link.poll(&mut events).await {
            Ok(()) => {
                if events.drain(..).any(|e| matches!(e, LinkEvent::Connected { .. })) {
                    backoff.reset();
                    health.up();
                }
            }
            // The disconnect that ends the queue has been written.
            Err(_) if stop.is_triggered() => return,
            Err(error) => {
                if health.down(&error) {
                    warn!(link = number, %error, "cannot reply to piles; trying again");
                }
                backoff.wait().await;
            }
        }
    }
}

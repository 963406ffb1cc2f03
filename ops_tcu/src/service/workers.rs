//! The workers and the rules they go by.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix::Addr;
use protocol::topic::Topics;
use wal::Writer;

use super::readiness::Up;
use super::start;
use crate::actor::{RedisPxyer, TcuServer, TcuServerParts, WorkerManager};
use crate::commit::Receipt;
use crate::config::Config;
use crate::fleet::{Core, DeviceIds, Retry, Rules, Shard, WarnNames};

/// One worker per core, or as many as configured.
pub(super) fn start_workers(
    config: &Config,
    log: &Writer<Receipt>,
    redis: &Addr<RedisPxyer>,
    up: &Up,
    ids: &Arc<DeviceIds>,
    poll_rests: &Arc<AtomicBool>,
) -> Addr<WorkerManager> {
    let warn_names = Arc::new(WarnNames::default());
    let worker = |number| {
        let topics = Topics::new(&config.mqtt.org, &config.mqtt.kind);
        let core = Core::new(topics, rules(config), ids.clone(), warn_names.clone());
        let core = core.speaking_over(up.brokers.iter().map(|b| b.outgoing.clone()).collect());
        let core = core.resting_when(poll_rests.clone());
        let parts = TcuServerParts {
            shard: Shard::new(core),
            log: log.clone(),
            redis: redis.clone(),
            redis_up: up.redis.clone(),
            state_interval: config.redis.state_interval,
            number,
        };
        start(TcuServer::new(parts))
    };
    start(WorkerManager::new(
        (0..config.worker.shard_count()).map(worker).collect(),
    ))
}

fn rules(config: &Config) -> Rules {
    let (device, command) = (&config.device, &config.command);
    let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    Rules {
        unknown_device: device.unknown_device,
        dt_id: device.dt_id,
        offline_after: ms(device.offline_after),
        component_poll: ms(device.component_poll),
        command_timeout: ms(device.command_timeout),
        retry: Retry {
            pause: ms(command.retry_pause),
            attempts: command.attempts,
        },
        command_rate: f64::from(command.rate_per_s) / config.worker.shard_count() as f64,
        node: device.node,
        storm: device.storm_per_minute,
    }
}

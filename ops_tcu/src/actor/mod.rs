//! The actors, one a file. They carry; what is to be done is decided in `fleet`, `intake` and `drain`.

mod db_inserter;
mod mqtt_clienter;
mod mqtt_event_poller;
mod redis_pxyer;
mod tcu_server;
mod worker_manager;

pub use db_inserter::{DbInserter, WhenDrained, versions};
pub use mqtt_clienter::{Broker, MqttClienter};
pub use mqtt_event_poller::MqttEventPoller;
pub use redis_pxyer::RedisPxyer;
pub use tcu_server::{TcuServer, TcuServerParts};
pub use worker_manager::WorkerManager;

//! The web server against real ClickHouse, Redis and broker.

mod server;
mod system;

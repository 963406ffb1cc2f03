//! The connector as operators run it, beside the real ops_tcu, Mosquitto, Redis and ClickHouse.

mod batch;
mod harvest;
mod rows;
mod schedule;
mod world;

//! The connector as operators run it, beside the real ops_tcu, Mosquitto, Redis and ClickHouse.

mod batch;
mod campaigns;
mod ftp_site;
mod harvest;
mod log_file;
mod ota;
mod package;
mod rollout;
mod rows;
mod schedule;
mod world;

//! `pile-ops`: the whole platform on one machine. Decisions are in [`plan`]; everything else carries them out.

pub mod access;
pub mod cli;
pub mod data_folder;
pub mod error;
pub mod health;
pub mod http;
pub mod plan;
pub mod run_file;
pub mod sql;
pub mod status;
pub mod tail;
pub mod up;

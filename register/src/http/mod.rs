//! What is served over HTTP: staff's interface.

pub mod api;

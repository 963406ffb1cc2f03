//! The embedded server and the client, and the client against vsftpd: real connections, real files.
#![allow(clippy::unwrap_used)] // In a test a failed unwrap is the verdict.

mod both;
mod broken;
mod closed;
mod limits;
mod many;
mod open;
mod raw;
mod world;

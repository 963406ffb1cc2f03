//! What each message means: one file per 命令, from the message to rows, state and reply.

pub(super) mod answer;
pub(super) mod boot_failed;
pub(super) mod command;
pub(super) mod event;
pub(super) mod key_component;
pub(super) mod login;
pub(super) mod malformed;
pub(super) mod presence;
pub(super) mod run_data;
pub(super) mod trade_record;
pub(super) mod traffic;
pub(super) mod unknown;

pub use command::KeptCommand;

/// The text, or nothing.
fn text<'a>(field: &'a Option<std::borrow::Cow<'_, str>>) -> &'a str {
    field.as_deref().unwrap_or_default()
}

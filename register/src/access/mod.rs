//! Which topics an account may use. Deny by default: what no rule allows is refused.
//!
//! The rules are written once, here, and rendered for each broker: [`Rule`]s become the ACL list of EMQX's
//! authentication answer, or roles of Mosquitto's dynamic-security plugin.

mod authorize;
pub mod dynsec;
mod emqx;
mod role;
mod rule;

pub use authorize::newcomer_may;
pub use emqx::acl;
pub use role::Role;
pub use rule::{Action, Permission, Rule, newcomer, pile};

//! What a registration is: plain data and decisions, no I/O.

mod credential;
mod decision;
mod limit;
mod registration;
mod serial;
mod transition;

pub use credential::{Credential, CredentialError, generate_password};
pub use decision::{Policy, Refusal, Request, Verdict, decide};
pub use limit::{Admission, Limiter, Limits};
pub use registration::{Registration, RegistrationError};
pub use serial::{Serial, SerialError};
pub use store::registration::{Illegal, State, Step};
pub use transition::{Change, Decision, apply, next_version, unknown_tcu};

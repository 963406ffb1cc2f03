//! What a registration is: plain data and decisions, no I/O.

mod credential;
mod decision;
mod limit;
mod registration;
mod serial;
mod state;
mod transition;

pub use credential::{Credential, CredentialError, generate_password};
pub use decision::{Policy, Refusal, Request, Verdict, decide};
pub use limit::{Admission, Limiter, Limits};
pub use registration::{Registration, RegistrationError};
pub use serial::{Serial, SerialError};
pub use state::State;
pub use transition::{Change, Decision, Illegal, Step, apply, next_version, unknown_tcu};

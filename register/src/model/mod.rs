//! What a registration is: plain data and decisions, no I/O.

mod credential;
mod registration;
mod serial;
mod state;

pub use credential::{Credential, CredentialError, generate_password};
pub use registration::{Registration, RegistrationError};
pub use serial::{Serial, SerialError};
pub use state::State;

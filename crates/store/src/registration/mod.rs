//! Where the registration of a TCU stands, and what staff may do with it there. `register` goes by it, the web server
//! shows it.

mod state;
mod step;

pub use state::State;
pub use step::{Illegal, Step};

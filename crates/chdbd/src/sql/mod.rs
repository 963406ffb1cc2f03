//! As much of ClickHouse's grammar as an HTTP interface needs: where an INSERT's rows begin, and which format an
//! answer will have. Everything else is the engine's parser's.

mod lexer;
mod statement;

pub(crate) use lexer::quoted;
pub(crate) use statement::{Insert, Statement};

//! `pile-ops` as people use it: the program itself, with the real services beside it.

mod commands;
mod program;
mod refusals;
mod up;

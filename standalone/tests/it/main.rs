//! `pile-ops` as people use it: the program itself, with the real services beside it.

mod commands;
mod door;
mod program;
mod refusals;
mod up;

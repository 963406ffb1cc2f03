//! The decoder on any bytes. What must hold is in `check.rs`, which the tests on stable run too.
#![no_main]

mod check;

libfuzzer_sys::fuzz_target!(|payload: &[u8]| check::check(payload));

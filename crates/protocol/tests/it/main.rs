//! The decoder from the outside: captured payloads, nasty ones, properties, and a bounded fuzz run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod captured;
#[path = "../../../../fuzz/fuzz_targets/check.rs"]
mod check;
mod downlink;
mod generator;
mod nasty;
mod properties;
mod smoke;

/// The payloads of `tests/samples`, by file name.
fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut samples: Vec<_> = std::fs::read_dir(&folder)
        .expect("the samples are in the repository")
        .map(|entry| entry.expect("a readable folder").path())
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("a readable sample"))
        })
        .collect();
    samples.sort();
    samples
}

fn sample(name: &str) -> Vec<u8> {
    let found = samples().into_iter().find(|(sample, _)| sample == name);
    found.unwrap_or_else(|| panic!("no sample {name}")).1
}

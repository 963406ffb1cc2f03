//! Puts the console into the program: what `npm run build` has made in `console/dist`, or a page that says how
//! to make it, so that the program builds without Node.

use std::path::Path;

const BUILT: &str = "../console/dist";
const MISSING: &str = "src/console/missing";

fn main() {
    println!("cargo::rerun-if-changed={BUILT}");
    let built = Path::new(BUILT).join("index.html").exists();
    memory_serve::load_directory(if built { BUILT } else { MISSING });
}

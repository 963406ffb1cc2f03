//! Passwords for Mosquitto, the plain way.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// Writes `passwords` into this folder, where these users and no others have a password; gives the lines for
/// [`engines::MosquittoOptions::extra`]. Mosquitto reads the file when it starts.
///
/// # Errors
/// When the file cannot be written or `mosquitto_passwd` (it comes with the broker) is not there.
pub fn password_lines(folder: &Path, users: &[(&str, &str)]) -> anyhow::Result<Vec<String>> {
    let file = folder.join("passwords");
    let lines: String = users
        .iter()
        .map(|(user, password)| format!("{user}:{password}\n"))
        .collect();
    std::fs::write(&file, lines).with_context(|| format!("writing {}", file.display()))?;
    // Replaces the passwords in the file by their hashes.
    let hashed = Command::new("mosquitto_passwd").arg("-U").arg(&file).status();
    let status = hashed.context("mosquitto_passwd: apt-get install -y mosquitto")?;
    anyhow::ensure!(status.success(), "mosquitto_passwd: {status}");
    Ok(vec![
        "allow_anonymous false".to_owned(),
        format!("password_file {}", file.display()),
    ])
}

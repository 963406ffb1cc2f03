//! What keeps `up` from starting: one clear line that says what to do, and nothing left running.

use std::{net::TcpListener, path::Path, process::Output};

use crate::program::{Up, ask, command};

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.lines().count(), 1, "one line: {text}");
    text
}

async fn up(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(command(folder, arguments)?.output().await?)
}

#[tokio::test]
async fn a_busy_port() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let busy = TcpListener::bind("127.0.0.1:0")?;
    let port = busy.local_addr()?.port().to_string();
    let line = refused(&up(temp.path(), &["--web-port", &port]).await?);
    assert!(
        line.contains(&format!("port {port} (the web API) is in use")) && line.contains("--web-port"),
        "{line}"
    );
    Ok(())
}

#[tokio::test]
async fn a_data_folder_in_use() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let running = Up::start(temp.path(), &[]).await?;
    let line = refused(&up(temp.path(), &[]).await?);
    let wanted = format!(
        "data folder {} is in use by pile-ops pid {}",
        temp.path().display(),
        running.pid()?
    );
    assert!(line.contains(&wanted), "{line}");
    Ok(())
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let file = temp.path().join("file");
    std::fs::write(&file, "")?;
    let line = refused(&up(&file, &[]).await?);
    assert!(
        line.contains("cannot be used") && line.contains("--data-dir"),
        "{line}"
    );
    Ok(())
}

#[tokio::test]
async fn a_missing_program() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let alone = temp.path().join("pile-ops");
    std::fs::copy(env!("CARGO_BIN_EXE_pile-ops"), &alone)?;
    let data = temp.path().join("data");
    let output = tokio::process::Command::new(alone)
        .args(["up", "--data-dir"])
        .arg(data)
        .output()
        .await?;
    let line = refused(&output);
    assert!(
        line.contains("program chdbd is missing") && line.contains("make build"),
        "{line}"
    );
    Ok(())
}

#[tokio::test]
async fn one_port_for_two() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let line = refused(&up(temp.path(), &["--mqtt-port", "7777", "--redis-port", "7777"]).await?);
    assert!(
        line.contains("--mqtt-port") && line.contains("--redis-port"),
        "{line}"
    );
    Ok(())
}

#[tokio::test]
async fn nothing_to_look_at() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    for arguments in [&["status"][..], &["tail"], &["sql", "SELECT 1"]] {
        let line = refused(&ask(temp.path(), arguments).await?);
        assert!(
            line.contains("nothing runs") && line.contains("pile-ops up"),
            "{line}"
        );
    }
    let line = refused(&ask(temp.path(), &["tail", "short"]).await?);
    assert!(line.contains("eight capital letters"), "{line}");
    Ok(())
}

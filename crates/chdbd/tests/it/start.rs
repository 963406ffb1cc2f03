//! Starts that must not succeed, each with one clear line.

use std::process::{Command, Output};

use crate::server::Server;

fn chdbd(arguments: &[&str], library: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chdbd"));
    command.args(arguments);
    if let Some(library) = library {
        command.env("OPS_LIBCHDB", library);
    }
    command.output().unwrap()
}

fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[tokio::test]
async fn only_loopback_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").display().to_string();
    let text = refusal(&chdbd(
        &["--path", &path, "--host", "0.0.0.0", "--port", "0"],
        None,
    ));
    assert!(text.contains("0.0.0.0 is not a loopback address"), "{text}");
    assert!(!folder.path().join("data").exists(), "nothing was touched");
}

#[tokio::test]
async fn a_folder_or_a_port_in_use_is_named() {
    let server = Server::start().await;
    let data = server.running.data_dir().display().to_string();
    let text = refusal(&chdbd(&["--path", &data, "--port", "0"], None));
    assert!(
        text.contains(&format!("in use by process {}", server.running.pid().unwrap())),
        "{text}"
    );

    let other = server.folder.path().join("other").display().to_string();
    let port = server.running.port().to_string();
    let text = refusal(&chdbd(&["--path", &other, "--port", &port], None));
    assert!(
        text.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{text}"
    );
}

#[tokio::test]
async fn a_missing_library_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data").display().to_string();
    let text = refusal(&chdbd(
        &["--path", &path, "--port", "0"],
        Some("/nonexistent/libchdb.so"),
    ));
    assert!(text.contains("run: make setup"), "{text}");
}

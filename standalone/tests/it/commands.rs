//! `status`, `tail` and `sql` beside a running platform.

use std::{process::Stdio, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::program::{Up, ask, send};

#[tokio::test]
async fn status_shows_every_service_and_sql_answers() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &["--simulate", "3"]).await?;
    let status = ask(temp.path(), &["status"]).await?;
    let text = String::from_utf8(status.stdout)?;
    for service in [
        "mosquitto",
        "redis-server",
        "chdbd",
        "webserver",
        "register",
        "ops_tcu",
        "tcu_sim",
    ] {
        let row = text
            .lines()
            .find(|line| line.starts_with(service))
            .with_context(|| text.clone())?;
        assert!(
            row.contains("  ok") && row.contains(&up.pid_of(service)?.to_string()),
            "{text}"
        );
    }
    for figure in ["rows stored", "messages/s", "log backlog"] {
        let row = text
            .lines()
            .find(|line| line.starts_with(figure))
            .with_context(|| text.clone())?;
        assert!(!row.ends_with('-'), "{text}");
    }

    let answer = ask(
        temp.path(),
        &[
            "sql",
            "SELECT name FROM system.tables WHERE name = 'trade_record'",
        ],
    )
    .await?;
    assert!(String::from_utf8(answer.stdout)?.contains("trade_record"));
    let refused = ask(temp.path(), &["sql", "SELECT nonsense"]).await?;
    assert!(!refused.status.success() && String::from_utf8(refused.stderr)?.contains("nonsense"));
    Ok(())
}

#[tokio::test]
async fn tail_shows_both_directions_of_one_pile() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &[]).await?;
    let mut tail = Command::new(env!("CARGO_BIN_EXE_pile-ops"))
        .args(["tail", "AAAAALFW", "--data-dir"])
        .arg(temp.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(tail.stdout.take().context("stdout is piped")?).lines();
    let mut pile = up.engineer("pile").await?;

    // Published again and again, because tail may not have subscribed yet.
    let login =
        r#"{"命令":"登录","reqid":9,"系统时间":"2025-06-18 19:08:15+0800","型号":"DC-120","出厂编号":"SN1"}"#;
    let mut seen = (false, false);
    let reading = async {
        while seen != (true, true) {
            tokio::select! {
                line = lines.next_line() => {
                    let line = line?.context("tail ended")?;
                    seen.0 |= line.contains("↑ AAAAALFW  登录  ") && line.contains("型号=DC-120");
                    seen.1 |= line.contains("↓ AAAAALFW  登录应答  ");
                }
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    pile.publish("/xjdy/ops/v1/TCU/AAAAALFW/msg", login).await?;
                    pile.publish("/xjdy/ops/v1/TCU/AAAAAAAB/msg", login).await?;
                }
            }
        }
        anyhow::Ok(())
    };
    timeout(Duration::from_secs(60), reading)
        .await
        .context("both directions")??;
    send("INT", tail.id().context("tail runs")?).await?;
    assert_eq!(
        timeout(Duration::from_secs(10), tail.wait()).await??.code(),
        Some(0)
    );
    Ok(())
}

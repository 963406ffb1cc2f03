//! A life of the platform: ready, watched, stopped, killed, started again.

use std::time::Duration;

use testkit::wait_until;

use crate::program::{Up, ask, runs, send};

const SERVICES: [&str; 8] = [
    "mosquitto",
    "redis-server",
    "chdbd",
    "webserver",
    "register",
    "ops_tcu",
    "connector",
    "tcu_sim",
];
const SOON: Duration = Duration::from_secs(60);

#[tokio::test]
async fn ready_then_sigterm_stops_all_in_order() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &["--simulate", "3"]).await?;
    let run = up.run_file()?;
    assert_eq!(run.pid, up.pid()?);
    for service in SERVICES {
        assert!(
            run.services
                .get(service)
                .is_some_and(|life| life.ready && life.restarts == 0),
            "{run:?}"
        );
        assert!(
            temp.path().join(format!("log/{service}.log")).exists(),
            "{service} has a log"
        );
    }

    let (status, said) = up.end("TERM").await?;
    assert_eq!(status.code(), Some(0));
    let stopped: Vec<_> = said
        .iter()
        .filter_map(|line| line.strip_prefix("stopped ")?.split(' ').next())
        .collect();
    assert_eq!(
        stopped,
        [
            "tcu_sim",
            "connector",
            "register",
            "ops_tcu",
            "webserver",
            "chdbd",
            "redis-server",
            "mosquitto"
        ],
        "{said:?}"
    );
    assert!(
        run.services
            .values()
            .filter_map(|life| life.pid)
            .all(|pid| !runs(pid))
    );
    assert!(!temp.path().join("run/up.json").exists());
    Ok(())
}

#[tokio::test]
async fn what_was_confirmed_is_there_after_a_stop_and_a_start() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &[]).await?;
    let mut pile = up.engineer("pile").await?;
    pile.subscribe("/xjdy/ops/v1/TCU/AAAAALFW/cmd").await?;
    let record = r#"{"命令":"充电记录","reqid":7,"数据分区":"1枪数据","系统时间":"2025-06-18 19:08:15+0800","交易流水号":"00000000000000002506181906190401","枪号":"1","充电方式":"扫码","开始时间":"2025-06-18 18:08:15+0800","结束时间":"2025-06-18 19:08:15+0800","充电电量_度":"21.5"}"#;
    pile.publish("/xjdy/ops/v1/TCU/AAAAALFW/msg", record).await?;
    let confirmed = |payload: &[u8]| String::from_utf8_lossy(payload).contains("充电记录确认");
    pile.expect("/xjdy/ops/v1/TCU/AAAAALFW/cmd", confirmed, SOON)
        .await?;
    assert_eq!(up.end("INT").await?.0.code(), Some(0));

    let _up = Up::start(temp.path(), &[]).await?;
    let query = "SELECT trade_id FROM trade_record FINAL FORMAT TSV";
    wait_until(SOON, async || {
        let rows = ask(temp.path(), &["sql", query]).await;
        rows.is_ok_and(|rows| rows.stdout == b"00000000000000002506181906190401\n")
    })
    .await
}

#[tokio::test]
async fn a_killed_child_is_named_and_started_again() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let mut up = Up::start(temp.path(), &[]).await?;
    for service in ["webserver", "redis-server"] {
        let pid = up.pid_of(service)?;
        send("KILL", pid).await?;
        let line = up.line(&format!("{service} ended")).await?;
        assert!(
            line.contains("signal 9") && line.contains(&format!("{service}.log")),
            "{line}"
        );
        up.line(&format!("{service} is back")).await?;
        wait_until(SOON, async || up.pid_of(service).is_ok_and(|new| new != pid)).await?;
    }
    assert_eq!(up.end("TERM").await?.0.code(), Some(0));
    Ok(())
}

#[tokio::test]
async fn killed_itself_it_leaves_nothing_and_starts_again() -> anyhow::Result<()> {
    let temp = tempfile::tempdir()?;
    let up = Up::start(temp.path(), &["--simulate", "3"]).await?;
    let run = up.run_file()?;
    let pids: Vec<_> = run.services.values().filter_map(|life| life.pid).collect();
    assert_eq!(pids.len(), SERVICES.len());
    let (status, _) = up.end("KILL").await?;
    assert_eq!(status.code(), None);

    // At once, over the same folder and ports: what is still saving is waited for.
    let ports = run.ports;
    let [mqtt, mqtts, web, clickhouse, redis, register, ftp] = [
        ports.mqtt,
        ports.mqtts,
        ports.web,
        ports.clickhouse,
        ports.redis,
        ports.register,
        ports.ftp,
    ]
    .map(|p| p.to_string());
    let same = [
        "--mqtt-port",
        &mqtt,
        "--mqtts-port",
        &mqtts,
        "--register-port",
        &register,
        "--web-port",
        &web,
        "--clickhouse-port",
        &clickhouse,
        "--redis-port",
        &redis,
        "--ftp-port",
        &ftp,
    ];
    let up = Up::start(temp.path(), &same).await?;
    assert!(pids.iter().all(|&pid| !runs(pid)));
    assert_eq!(up.end("TERM").await?.0.code(), Some(0));
    Ok(())
}

//! `pile-ops status`: what runs, how it is, and what has come in.

mod metrics;
mod table;

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use chrono::{DateTime, Local};

use crate::{
    cli::Running,
    error::CommandError,
    health, http,
    plan::{Life, Ports, Service, loopback, settings::clickhouse_url},
    run_file::RunFile,
};

/// Between the two readings that give a rate; ops_tcu brings its counters up to date once a second.
const RATE_OVER: Duration = Duration::from_secs(2);

/// Prints the table of services and the figures under it.
///
/// # Errors
/// [`CommandError`] when nothing runs in the data folder, or the output fails.
pub async fn status(args: &Running) -> Result<(), CommandError> {
    let running = RunFile::of_running(&args.data_dir)?;
    let ports = &running.ports;
    let (services, rows, rate, backlog) = tokio::join!(
        services(&running),
        rows_stored(ports),
        messages_per_second(ports),
        backlog(ports)
    );
    let mut text = format!(
        "pile-ops pid {}, up since {}\n\n",
        running.pid,
        clock(running.since)
    );
    text.push_str(&table::columns(&services));
    text.push('\n');
    text.push_str(&table::columns(&[
        vec!["rows stored".to_owned(), rows],
        vec!["messages/s".to_owned(), rate],
        vec!["log backlog".to_owned(), backlog],
    ]));
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(CommandError::Output)
}

async fn services(running: &RunFile) -> Vec<Vec<String>> {
    let head = ["service", "pid", "up since", "restarts", "health", "address"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for service in Service::ALL {
        let Some(life) = running.services.get(service.name()) else {
            continue;
        };
        rows.push(row(service, life, &running.ports).await);
    }
    rows
}

async fn row(service: Service, life: &Life, ports: &Ports) -> Vec<String> {
    let (pid, since, health) = match life.pid {
        Some(pid) => {
            let health = health::ask(service, ports)
                .await
                .err()
                .unwrap_or_else(|| "ok".to_owned());
            (pid.to_string(), clock(life.since), health)
        }
        None => ("-".to_owned(), "-".to_owned(), "down".to_owned()),
    };
    vec![
        service.name().to_owned(),
        pid,
        since,
        life.restarts.to_string(),
        health,
        address(service, ports),
    ]
}

fn address(service: Service, ports: &Ports) -> String {
    match service {
        // A pile-ops that was started before this one has no listener for TLS.
        Service::Mosquitto if ports.mqtts == 0 => loopback(ports.mqtt).to_string(),
        Service::Mosquitto => format!("{}, TLS {}", loopback(ports.mqtt), loopback(ports.mqtts)),
        Service::Redis => loopback(ports.redis).to_string(),
        Service::Chdbd => clickhouse_url(ports),
        Service::Webserver => format!("http://{}", loopback(ports.web)),
        Service::Register => format!("http://{}", loopback(ports.register)),
        Service::OpsTcu => format!("http://{}/metrics", loopback(ports.metrics)),
        Service::Connector => format!("http://{}/metrics", loopback(ports.connector_metrics)),
        Service::Simulator => "-".to_owned(),
    }
}

fn clock(unix_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(unix_ms).unwrap_or_default();
    time.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A figure that cannot be had is a dash: the table above says why.
fn or_dash(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "-".to_owned())
}

async fn rows_stored(ports: &Ports) -> String {
    let query = "SELECT sum(total_rows) FROM system.tables WHERE database = 'sems'";
    let asked = tokio::time::timeout(
        Duration::from_secs(3),
        http::post(&clickhouse_url(ports), query.to_owned()),
    )
    .await;
    let rows = asked
        .ok()
        .and_then(Result::ok)
        .and_then(|reply| reply.text.trim().parse().ok());
    or_dash(rows.map(table::grouped))
}

async fn messages_per_second(ports: &Ports) -> String {
    let begun = Instant::now();
    let first = frames_up(ports).await;
    tokio::time::sleep(RATE_OVER).await;
    let second = frames_up(ports).await;
    let rate = first
        .zip(second)
        .map(|(a, b)| (b - a).max(0.0) / begun.elapsed().as_secs_f64());
    or_dash(rate.map(|rate| format!("{rate:.1}")))
}

async fn frames_up(ports: &Ports) -> Option<f64> {
    let text = scrape(ports).await?;
    // A series that does not exist yet has counted nothing.
    Some(metrics::sum(&text, "ops_tcu_frames_total", &["direction=\"up\""]).unwrap_or(0.0))
}

async fn backlog(ports: &Ports) -> String {
    let text = scrape(ports).await.unwrap_or_default();
    let bytes = metrics::sum(&text, "ops_tcu_wal_backlog_bytes", &[]);
    or_dash(bytes.map(|bytes| format!("{:.1} MiB", bytes / 1_048_576.0)))
}

async fn scrape(ports: &Ports) -> Option<String> {
    let reply = http::get(&format!("http://{}/metrics", loopback(ports.metrics)))
        .await
        .ok()?;
    reply.is_success().then_some(reply.text)
}

//! The OpenAPI document in the hands of Schemathesis: whatever it makes of it is answered as documented, and never
//! with a 5xx. Not part of `cargo test`: `make test-api` installs Schemathesis and runs it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod data;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../it/register.rs"]
mod register;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../it/server.rs"]
mod server;
mod work;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../it/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use crate::server::Server;
use crate::world::{ACCOUNTS, Client, PASSWORD};

/// One call of Schemathesis.
struct Run<'a> {
    /// What it is called in the output.
    name: &'a str,
    /// Whose token it has.
    account: &'a str,
    /// The paths it asks, or those it does not.
    paths: &'a [&'a str],
    /// Whether `paths` are those that it asks.
    only: bool,
    /// What it does where time is short: the same in every run.
    short: &'a str,
}

/// What it does otherwise. It also chains operations, and goes on until the time is over.
const WHOLE: &str = "--max-examples 50 --max-time 300";
/// All that the schema says of limits and of wrong values.
const LIMITS: &str = "--phases examples,coverage";
/// Something made up for every operation.
const MADE_UP: &str = "--phases fuzzing --max-examples 5";

/// Routes that end the session on which a run depends, or make its address wait: they have a run of their own.
const SESSION: [&str; 4] = ["/auth/login", "/auth/logout", "/auth/password", "/auth/refresh"];

const RUNS: [Run<'static>; 3] = [
    Run {
        name: "超管",
        account: ACCOUNTS[0],
        paths: &SESSION,
        only: false,
        short: LIMITS,
    },
    Run {
        name: "只读",
        account: ACCOUNTS[3],
        paths: &SESSION,
        only: false,
        short: MADE_UP,
    },
    Run {
        name: "signing in and out",
        account: ACCOUNTS[2],
        paths: &SESSION,
        only: true,
        short: LIMITS,
    },
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzzed")
}

/// Where `scripts/setup --schemathesis` puts it; `OPS_SCHEMATHESIS` names another.
fn program() -> anyhow::Result<PathBuf> {
    let program = match std::env::var_os("OPS_SCHEMATHESIS") {
        Some(program) => program.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.engines/schemathesis/bin/st"),
    };
    anyhow::ensure!(
        program.exists(),
        "{} is not there; `make test-api` installs it",
        program.display()
    );
    Ok(program)
}

impl Run<'_> {
    async fn carry_out(&self, base: &str, token: &str) -> anyhow::Result<bool> {
        let mut command = Command::new(program()?);
        command
            .arg("--config-file")
            .arg(folder().join("schemathesis.toml"))
            .args(["run", &format!("{base}/openapi.json"), "--no-color"])
            .env("OPS_TOKEN", token)
            .current_dir(folder())
            .stdin(Stdio::null());
        let is_short = std::env::var_os("OPS_FUZZ_SHORT").is_some();
        // Of an option given twice the later one holds: a seed, the paths of interest, another budget.
        let more = std::env::var("OPS_FUZZ").unwrap_or_default();
        let budget = if is_short { self.short } else { WHOLE };
        command
            .args(budget.split_whitespace())
            .args(more.split_whitespace());
        for path in self.paths {
            command.args([
                if self.only {
                    "--include-path"
                } else {
                    "--exclude-path"
                },
                path,
            ]);
        }
        println!("==> {}", self.name);
        Ok(command
            .status()
            .await
            .context("Schemathesis cannot be started")?
            .success())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Schemathesis: make test-api"]
async fn the_document_is_kept_whatever_is_sent() -> anyhow::Result<()> {
    let (world, register) = register::world().await?;
    data::fill(&world).await?;
    let mut config = register.config(&world.stack)?;
    config.auth.access = Duration::from_secs(24 * 3600);
    let server = Server::start_as(config).await?;
    let mut failed = Vec::new();
    let only = std::env::var("OPS_FUZZ_RUN").ok();
    for run in RUNS
        .iter()
        .filter(|run| only.as_deref().is_none_or(|only| only == run.name))
    {
        let client = Client::sign_in(server.base(), run.account, PASSWORD).await?;
        if !run.carry_out(server.base(), &client.token).await? {
            failed.push(run.name);
        }
        // Otherwise it has only tested how nobody is refused.
        let still = client.get("/auth/me").await?.status;
        anyhow::ensure!(
            run.only || still == 200,
            "{}: the session was lost: {still}",
            run.name
        );
    }
    anyhow::ensure!(failed.is_empty(), "Schemathesis found faults: {failed:?}");
    Ok(())
}

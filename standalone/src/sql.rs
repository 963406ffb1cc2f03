//! `pile-ops sql`: one statement against the running ClickHouse, for whoever has no client installed.

use std::io::{self, Write};

use crate::{cli::SqlArgs, error::CommandError, http, plan::settings::clickhouse_url, run_file::RunFile};

/// Prints what ClickHouse answers, as a table unless the statement names another format.
///
/// # Errors
/// [`CommandError`].
pub async fn sql(args: &SqlArgs) -> Result<(), CommandError> {
    let running = RunFile::of_running(&args.running.data_dir)?;
    let url = format!(
        "{}/?database=sems&default_format=PrettyCompact",
        clickhouse_url(&running.ports)
    );
    let reply = http::post(&url, args.query.clone())
        .await
        .map_err(CommandError::Clickhouse)?;
    if !reply.is_success() {
        return Err(CommandError::Refused(reply.text.trim_end().to_owned()));
    }
    match io::stdout().write_all(reply.text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::Output(error)),
        _ => Ok(()),
    }
}

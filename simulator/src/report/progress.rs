//! Progress while a run goes on: a bar on a terminal, a plain line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::world::World;

const BAR_EVERY: Duration = Duration::from_millis(200);
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows progress until it is dropped.
pub(crate) async fn show(world: Arc<World>) {
    if world.options.quiet {
        return;
    }
    if std::io::stderr().is_terminal() {
        show_bar(&world).await;
    } else {
        show_lines(&world).await;
    }
}

async fn show_bar(world: &World) {
    let total = world.options.duration.map(|duration| duration.as_secs());
    let (bar, template) = match total {
        Some(seconds) => (
            ProgressBar::new(seconds),
            "{elapsed_precise} [{bar:30}] {wide_msg}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{elapsed_precise} {spinner} {wide_msg}",
        ),
    };
    let style = ProgressStyle::with_template(template).expect("the templates are constant and valid");
    let bar = Erased(bar.with_style(style));
    loop {
        bar.0.set_position(world.started.elapsed().as_secs());
        bar.0.set_message(line(world));
        tokio::time::sleep(BAR_EVERY).await;
    }
}

/// Leaves the terminal clean for the report, however the run ends.
struct Erased(ProgressBar);

impl Drop for Erased {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

async fn show_lines(world: &World) {
    loop {
        tokio::time::sleep(LINE_EVERY).await;
        eprintln!("{:>5} s  {}", world.started.elapsed().as_secs(), line(world));
    }
}

fn line(world: &World) -> String {
    let (records, stats) = (world.ledger.counts(), &world.stats);
    let acked = stats.acked.load(Relaxed);
    let registered = world.registrar.as_ref().map_or_else(String::new, |registrar| {
        format!("{} registered, ", registrar.counts.registered.load(Relaxed))
    });
    format!(
        "{registered}{} connected, {acked} acknowledged ({:.0}/s), records {} confirmed, {} waiting, {} reconnects",
        stats.connected.load(Relaxed),
        acked as f64 / world.started.elapsed().as_secs_f64().max(0.1),
        records.confirmed,
        records.unconfirmed,
        stats.reconnects.load(Relaxed),
    )
}

//! `pile-ops up`: everything of one machine, until it is told to stop.

mod child;
mod launcher;
mod leftovers;
mod platform;
mod preflight;
mod schema;
mod supervisor;
mod terminal;

use std::fs;

use common::shutdown::Shutdown;
use engines::Chdbd;
use tokio::signal::unix::{SignalKind, signal};

use crate::{cli::UpArgs, data_folder::DataFolder, error::UpError, plan::Service};
use platform::Platform;
use terminal::say;

/// Runs until SIGTERM, SIGINT or SIGHUP, then stops everything in order. A second SIGTERM or SIGINT ends this
/// process at once, and the kernel the children with it.
///
/// # Errors
/// [`UpError`]; what had been started is stopped again.
pub async fn up(args: &UpArgs) -> Result<(), UpError> {
    let stop = signals().map_err(UpError::Signals)?;
    let folder = DataFolder::new(&args.data_dir).map_err(|source| UpError::DataFolder {
        folder: args.data_dir.clone(),
        source,
    })?;
    let lock = folder.lock()?;
    if lock.left_behind {
        leftovers::wait(&folder.run_file())
            .await
            .map_err(|source| folder.unusable(source))?;
    }
    programs(args.simulate > 0)?;
    let found = preflight::ports(args.ports())?;
    let mut platform = Platform::new(folder.clone(), found, args)?;
    let outcome = tokio::select! {
        outcome = platform.run() => outcome,
        () = stop.cancelled() => {
            say("stopping; once more to end at once");
            Ok(())
        }
    };
    platform.stop().await;
    let _ = fs::remove_file(folder.run_file());
    drop(lock);
    outcome
}

/// SIGHUP is a terminal that was closed: an order to stop as well.
fn signals() -> std::io::Result<Shutdown> {
    let stop = Shutdown::on_signals()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let raised = stop.clone();
    tokio::spawn(async move {
        hangup.recv().await;
        raised.trigger();
    });
    Ok(stop)
}

/// Engines look for their own programs when they start; ours are looked for before anything starts.
fn programs(simulate: bool) -> Result<(), UpError> {
    Chdbd::find()
        .filter(|file| file.is_file())
        .ok_or(UpError::MissingProgram(Service::Chdbd))?;
    for service in Service::SERVICES {
        preflight::beside(service)?;
    }
    if simulate {
        preflight::beside(Service::Simulator)?;
    }
    preflight::installed("setpriv")
        .then_some(())
        .ok_or(UpError::MissingSetpriv)
}

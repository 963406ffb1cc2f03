//! Children that end with this process, however it ends.
//!
//! Linux signals a child when the *thread* that started it ends, so all children are started by one thread that
//! lives as long as the process. `setpriv` (util-linux) asks for the signal before it becomes the engine, with
//! the same process id: the other way, a hook between fork and exec, would need `unsafe` code.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::sync::{OnceLock, mpsc};
use std::thread;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::program;

type Job = (Command, Handle, oneshot::Sender<io::Result<Child>>);

/// A command that the system stops (SIGTERM, so that it can save) when this process is gone; start it with
/// [`spawn_tied`]. Where `setpriv` does not exist, only an orderly end of this process ends the child.
pub fn tied_command(program: impl AsRef<OsStr>) -> Command {
    static SETPRIV: OnceLock<Option<PathBuf>> = OnceLock::new();
    let Some(setpriv) = SETPRIV.get_or_init(|| program::find("setpriv")) else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

/// Starts the command from the lasting thread. The child is killed when dropped.
///
/// # Errors
/// When the system cannot start it.
pub async fn spawn_tied(command: Command) -> io::Result<Child> {
    let (answer, child) = oneshot::channel();
    let gone = || io::Error::other("the thread that starts children has ended");
    jobs()?
        .send((command, Handle::current(), answer))
        .map_err(|_| gone())?;
    child.await.map_err(|_| gone())?
}

fn jobs() -> io::Result<&'static mpsc::Sender<Job>> {
    static JOBS: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    if let Some(jobs) = JOBS.get() {
        return Ok(jobs);
    }
    let (jobs, todo) = mpsc::channel::<Job>();
    thread::Builder::new()
        .name("children".to_owned())
        .spawn(move || work(&todo))?;
    // Two first callers may start two threads; the one whose sender is not kept ends at once, childless.
    Ok(JOBS.get_or_init(|| jobs))
}

fn work(todo: &mpsc::Receiver<Job>) {
    while let Ok((mut command, runtime, answer)) = todo.recv() {
        let _context = runtime.enter();
        // Nobody waits any more: the child is dropped, and so killed.
        let _ = answer.send(command.kill_on_drop(true).spawn());
    }
}

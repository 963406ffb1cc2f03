//! All children together: started in order, watched, stopped in order.

use std::{
    collections::BTreeMap,
    process,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, timeout_at},
};

use super::{
    launcher::Launcher,
    preflight::Found,
    schema,
    supervisor::{Event, Events, Supervisor},
    terminal::{self, say},
};
use crate::{
    access::ENGINEER,
    cli::UpArgs,
    data_folder::DataFolder,
    error::UpError,
    plan::{Ports, Progress, Service, Verdict},
    run_file::RunFile,
};

/// The longest a start may take: an engine reads its data first, ops_tcu restores its sessions.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// The running platform.
#[derive(Debug)]
pub(super) struct Platform {
    folder: DataFolder,
    ports: Ports,
    simulate: u32,
    open: bool,
    launcher: Arc<Launcher>,
    since: i64,
    progress: Progress,
    /// Whether all have been ready once: then a failure is one to recover from, not one to give up on.
    settled: bool,
    supervisors: BTreeMap<Service, Supervisor>,
    events: Events,
    happenings: UnboundedReceiver<(Service, Event)>,
}

impl Platform {
    /// Nothing is started yet.
    pub(super) fn new(folder: DataFolder, found: Found, args: &UpArgs) -> Result<Self, UpError> {
        let ports = found.ports;
        let launcher = Arc::new(Launcher::new(folder.clone(), found, args)?);
        let (events, happenings) = unbounded_channel();
        let (since, progress, supervisors) = (now(), Progress::default(), BTreeMap::new());
        Ok(Self {
            folder,
            ports,
            simulate: args.simulate,
            open: args.open,
            launcher,
            since,
            progress,
            settled: false,
            supervisors,
            events,
            happenings,
        })
    }

    /// Starts everything and watches over it; ends only when something cannot be helped.
    pub(super) async fn run(&mut self) -> Result<(), UpError> {
        say("starting redis-server, chdbd");
        self.start(&Service::STORES).await?;
        schema::apply(&self.ports).await?;
        let access = self.launcher.provide_access().await?;
        say("starting mosquitto");
        self.start(&[Service::Mosquitto]).await?;
        say("starting register, ops_tcu, webserver, connector");
        self.start(&Service::SERVICES).await?;
        if self.simulate > 0 {
            self.start(&[Service::Simulator]).await?;
        }
        self.settled = true;
        terminal::ready(&self.ports, &self.folder, self.simulate);
        terminal::access(&self.folder, access.password(ENGINEER), self.open);
        loop {
            self.happened().await?;
        }
    }

    /// Stops everything in order.
    pub(super) async fn stop(&mut self) {
        for service in Service::STOP_ORDER {
            let Some(supervisor) = self.supervisors.remove(&service) else {
                continue;
            };
            let begun = Instant::now();
            let name = service.name();
            if supervisor.stop().await {
                say(format_args!(
                    "stopped {name} ({:.1} s)",
                    begun.elapsed().as_secs_f64()
                ));
            } else {
                say(format_args!("{name} did not stop in time and was killed"));
            }
        }
    }

    /// Starts `services` at once and waits until all of them are ready.
    async fn start(&mut self, services: &[Service]) -> Result<(), UpError> {
        let deadline = Instant::now() + READY_WITHIN;
        for &service in services {
            let supervisor =
                Supervisor::start(service, self.launcher.clone(), self.ports, self.events.clone());
            self.supervisors.insert(service, supervisor);
        }
        while let Some(&service) = self.progress.waiting(services).first() {
            if let Ok(happened) = timeout_at(deadline, self.happened()).await {
                happened?;
                continue;
            }
            let (seconds, log) = (READY_WITHIN.as_secs(), self.folder.shown_log(service));
            return Err(UpError::NotReady {
                service,
                seconds,
                log,
            });
        }
        Ok(())
    }

    /// Takes one event.
    async fn happened(&mut self) -> Result<(), UpError> {
        let (service, event) = self.happenings.recv().await.expect("this struct holds a sender");
        match event {
            Event::Started(pid) => self.progress.started(service, pid, now()),
            Event::Ready => self.ready(service),
            Event::Ended { how, uptime, verdict } => {
                self.progress.ended(service);
                terminal::ended(service, &how, uptime, verdict, &self.folder);
                if verdict == Verdict::GiveUp {
                    return Err(UpError::GaveUp {
                        service,
                        log: self.folder.shown_log(service),
                    });
                }
            }
            Event::Failed { error, .. } if !self.settled => return Err(error),
            Event::Failed { error, delay } => {
                say(format_args!(
                    "{error}; trying again in {:.1} s",
                    delay.as_secs_f64()
                ));
            }
        }
        self.write_run_file()
    }

    fn ready(&mut self, service: Service) {
        self.progress.ready(service);
        if self.settled {
            say(format_args!("{} is back", service.name()));
        }
    }

    fn write_run_file(&self) -> Result<(), UpError> {
        let services = self.progress.lives();
        let file = RunFile {
            pid: process::id(),
            since: self.since,
            ports: self.ports,
            services,
        };
        match file.write(&self.folder.run_file()) {
            // A full disk must not end what runs; `status` shows an older state meanwhile.
            Err(source) if !self.settled => Err(self.folder.unusable(source)),
            _ => Ok(()),
        }
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

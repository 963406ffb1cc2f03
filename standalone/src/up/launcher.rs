//! How each service is started on this machine.

use std::{net::TcpListener, os::unix::fs::symlink, path::Path, sync::Mutex};

use engines::{Chdbd, ChdbdOptions, EngineError, Mosquitto, MosquittoOptions, Redis, RedisOptions, Running};

use super::{
    child::{Child, Program},
    preflight::{self, Found},
};
use crate::{
    data_folder::DataFolder,
    error::UpError,
    plan::{Ports, Service, loopback, settings},
};

/// Simulated seconds per second, and charges per pile and simulated hour: piles that show within minutes what
/// real ones do in hours.
const SIMULATION: [&str; 5] = ["--quiet", "--speed", "20", "--charge-rate", "6"];

/// Everything a start needs to know.
#[derive(Debug)]
pub(super) struct Launcher {
    folder: DataFolder,
    ports: Ports,
    simulate: u32,
    /// Held until ops_tcu takes its port.
    metrics: Mutex<Option<TcpListener>>,
}

impl Launcher {
    /// Writes the configuration of the services.
    pub(super) fn new(folder: DataFolder, found: Found, simulate: u32) -> Result<Self, UpError> {
        let ports = found.ports;
        let files = [
            (Service::OpsTcu, settings::ops_tcu(&ports, folder.root())),
            (Service::Webserver, settings::webserver(&ports)),
        ];
        for (service, text) in files {
            std::fs::write(folder.settings(service), text).map_err(|source| folder.unusable(source))?;
        }
        Ok(Self {
            folder,
            ports,
            simulate,
            metrics: Mutex::new(Some(found.metrics)),
        })
    }

    /// Starts `service`; an engine has answered when this returns.
    pub(super) async fn launch(&self, service: Service) -> Result<Child, UpError> {
        match service {
            Service::Mosquitto | Service::Redis | Service::Chdbd => {
                let running = self.engine(service).await.map_err(UpError::Engine)?;
                self.link_log(service, running.log_file());
                Ok(Child::Engine(running))
            }
            Service::Webserver | Service::OpsTcu | Service::Simulator => self.program(service),
        }
    }

    async fn engine(&self, service: Service) -> Result<Running, EngineError> {
        let data = self.folder.data(service);
        match service {
            Service::Mosquitto => {
                let port = Some(self.ports.mqtt);
                Mosquitto::start(MosquittoOptions {
                    port,
                    ..MosquittoOptions::new(data)
                })
                .await
            }
            Service::Redis => {
                let port = Some(self.ports.redis);
                Redis::start(RedisOptions {
                    port,
                    ..RedisOptions::new(data)
                })
                .await
            }
            _ => {
                let port = Some(self.ports.clickhouse);
                Chdbd::start(ChdbdOptions {
                    port,
                    ..ChdbdOptions::new(data)
                })
                .await
            }
        }
    }

    /// Engines log beside their data; a link in `log/` lets people find all logs in one place.
    fn link_log(&self, service: Service, log: &Path) {
        let link = self.folder.log(service);
        if std::fs::read_link(&link).is_ok_and(|target| target == log) {
            return;
        }
        let _ = std::fs::remove_file(&link);
        let _ = symlink(log, &link);
    }

    fn program(&self, service: Service) -> Result<Child, UpError> {
        let program = preflight::beside(service)?;
        if service == Service::OpsTcu {
            drop(
                self.metrics
                    .lock()
                    .expect("nobody panics while holding it")
                    .take(),
            );
        }
        let log = self
            .folder
            .open_log(service)
            .map_err(|source| self.folder.unusable(source))?;
        Program::start(&program, &self.arguments(service), log)
            .map(Child::Program)
            .map_err(|source| UpError::Start { service, source })
    }

    fn arguments(&self, service: Service) -> Vec<String> {
        if service == Service::Simulator {
            let broker = loopback(self.ports.mqtt).to_string();
            let own = [
                "--piles".to_owned(),
                self.simulate.to_string(),
                "--brokers".to_owned(),
                broker,
            ];
            return own.into_iter().chain(SIMULATION.map(str::to_owned)).collect();
        }
        vec![
            "--config".to_owned(),
            self.folder.settings(service).to_string_lossy().into_owned(),
        ]
    }
}

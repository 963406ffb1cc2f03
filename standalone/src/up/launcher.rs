//! How each service is started on this machine.

use std::{
    net::TcpListener,
    os::unix::fs::symlink,
    path::Path,
    process::ExitStatus,
    sync::{Mutex, OnceLock},
};

use engines::{
    Chdbd, ChdbdOptions, EngineError, Mosquitto, MosquittoOptions, Redis, RedisOptions, Running, TlsListener,
};

use super::{
    child::{Child, Program},
    preflight::{self, Found},
};
use crate::{
    access::{self, Access, Certificates},
    cli::UpArgs,
    data_folder::DataFolder,
    error::UpError,
    plan::{Ports, Service, loopback, settings},
};

/// Simulated seconds per second, and charges per pile and simulated hour: piles that show within minutes what
/// real ones do in hours.
const SIMULATION: [&str; 5] = ["--quiet", "--speed", "20", "--charge-rate", "6"];

/// The contract of simulated piles, which register without approval.
const SIMULATED_CONTRACT: &str = "模拟桩";

/// Everything a start needs to know.
#[derive(Debug)]
pub(super) struct Launcher {
    folder: DataFolder,
    ports: Ports,
    simulate: u32,
    certificates: Certificates,
    /// Known once the accounts are provided.
    access: OnceLock<Access>,
    /// Held until ops_tcu, register and connector take their ports.
    metrics: Mutex<Option<TcpListener>>,
    register_metrics: Mutex<Option<TcpListener>>,
    connector_metrics: Mutex<Option<TcpListener>>,
}

impl Launcher {
    /// Writes the configuration of the services, and the certificates.
    pub(super) fn new(folder: DataFolder, found: Found, args: &UpArgs) -> Result<Self, UpError> {
        let ports = found.ports;
        access::folders(&folder).map_err(|source| folder.unusable(source))?;
        let certificates = access::certificates(&folder, &args.tls_name).map_err(UpError::Tls)?;
        let files = [
            (Service::OpsTcu, settings::ops_tcu(&ports, folder.root())),
            (Service::Register, settings::register(&ports, args.open)),
            (
                Service::Connector,
                settings::connector(&ports, folder.root(), args.open),
            ),
            (
                Service::Webserver,
                settings::webserver(&ports, &folder.first_admin()),
            ),
        ];
        for (service, text) in files {
            std::fs::write(folder.settings(service), text).map_err(|source| folder.unusable(source))?;
        }
        Ok(Self {
            folder,
            ports,
            simulate: args.simulate,
            certificates,
            access: OnceLock::new(),
            metrics: Mutex::new(Some(found.metrics)),
            register_metrics: Mutex::new(Some(found.register_metrics)),
            connector_metrics: Mutex::new(Some(found.connector_metrics)),
        })
    }

    /// Has register make accounts and write the broker's file, from what ClickHouse holds; then writes what people
    /// need to get in. The broker must not run.
    pub(super) async fn provide_access(&self) -> Result<Access, UpError> {
        let service = Service::Register;
        let unusable = |source| self.folder.unusable(source);
        std::fs::create_dir_all(self.folder.data(Service::Mosquitto)).map_err(unusable)?;
        let log = self.folder.open_log(service).map_err(unusable)?;
        let mut arguments = self.arguments(service);
        let (accounts, file) = (self.folder.accounts(), self.folder.broker_accounts());
        let own = [
            "provision",
            "--accounts",
            &accounts.to_string_lossy(),
            "--dynsec-file",
            &file.to_string_lossy(),
        ];
        arguments.extend(own.map(str::to_owned));
        if self.simulate > 0 {
            arguments.extend(["--allow".to_owned(), format!(":{SIMULATED_CONTRACT}")]);
        }
        let mut program = Program::start(&preflight::beside(service)?, &arguments, &[], log)
            .map_err(|source| UpError::Start { service, source })?;
        if !ExitStatus::success(&program.wait().await) {
            return Err(UpError::NoAccounts {
                log: self.folder.shown_log(service),
            });
        }
        let access = Access::open(&self.folder).map_err(unusable)?;
        access
            .write_for_people(&self.folder, &self.ports)
            .map_err(unusable)?;
        Ok(self.access.get_or_init(|| access).clone())
    }

    /// Starts `service`; an engine has answered when this returns.
    pub(super) async fn launch(&self, service: Service) -> Result<Child, UpError> {
        match service {
            Service::Mosquitto | Service::Redis | Service::Chdbd => {
                let running = self.engine(service).await.map_err(UpError::Engine)?;
                self.link_log(service, running.log_file());
                Ok(Child::Engine(running))
            }
            _ => self.program(service),
        }
    }

    async fn engine(&self, service: Service) -> Result<Running, EngineError> {
        let data = self.folder.data(service);
        match service {
            Service::Mosquitto => {
                let port = Some(self.ports.mqtt);
                let tls = TlsListener {
                    port: self.ports.mqtts,
                    certificate: self.certificates.certificate.clone(),
                    key: self.certificates.key.clone(),
                };
                Mosquitto::start(MosquittoOptions {
                    port,
                    tls: Some(tls),
                    accounts: Some(self.folder.broker_accounts()),
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
        let held = match service {
            Service::OpsTcu => Some(&self.metrics),
            Service::Register => Some(&self.register_metrics),
            Service::Connector => Some(&self.connector_metrics),
            _ => None,
        };
        if let Some(held) = held {
            drop(held.lock().expect("nobody panics while holding it").take());
        }
        let log = self
            .folder
            .open_log(service)
            .map_err(|source| self.folder.unusable(source))?;
        let access = self.access.get();
        let environment = access
            .map(|access| access.environment(service))
            .unwrap_or_default();
        Program::start(&program, &self.arguments(service), &environment, log)
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
                "--register".to_owned(),
                "--contract".to_owned(),
                SIMULATED_CONTRACT.to_owned(),
            ];
            return own.into_iter().chain(SIMULATION.map(str::to_owned)).collect();
        }
        vec![
            "--config".to_owned(),
            self.folder.settings(service).to_string_lossy().into_owned(),
        ]
    }
}

//! The processes of one machine, the order in which they start and stop, and what each is for.

use std::time::Duration;

/// One child of `pile-ops up`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// The broker.
    Mosquitto,
    /// Device state and counters.
    Redis,
    /// The embedded ClickHouse.
    Chdbd,
    /// The web API.
    Webserver,
    /// Registers piles, and says who may do what at the broker.
    Register,
    /// Takes in what piles say.
    OpsTcu,
    /// Works on batches, logs, packages and campaigns.
    Connector,
    /// Simulated piles.
    Simulator,
}

use Service::{Chdbd, Connector, Mosquitto, OpsTcu, Redis, Register, Simulator, Webserver};

impl Service {
    /// Everything, in the order of the table that people see.
    pub const ALL: [Self; 8] = [
        Mosquitto, Redis, Chdbd, Webserver, Register, OpsTcu, Connector, Simulator,
    ];
    /// What must run before the broker: its accounts are kept there.
    pub const STORES: [Self; 2] = [Redis, Chdbd];
    /// The programs of this project that run until they are stopped.
    pub const SERVICES: [Self; 4] = [Register, OpsTcu, Webserver, Connector];
    /// The order of an orderly stop: first who speaks, then who listens, last what keeps. ops_tcu goes while
    /// everything it drains into is still there.
    pub const STOP_ORDER: [Self; 8] = [
        Simulator, Connector, Register, OpsTcu, Webserver, Chdbd, Redis, Mosquitto,
    ];

    /// The name of the program, of its log and on the terminal.
    pub fn name(self) -> &'static str {
        match self {
            Mosquitto => "mosquitto",
            Redis => "redis-server",
            Chdbd => "chdbd",
            Webserver => "webserver",
            Register => "register",
            OpsTcu => "ops_tcu",
            Connector => "connector",
            Simulator => "tcu_sim",
        }
    }

    /// How to get the program when it is not there.
    pub fn remedy(self) -> &'static str {
        match self {
            Mosquitto => "apt-get install mosquitto, or `make setup`",
            Redis => "apt-get install redis-server, or `make setup`",
            Chdbd | Webserver | Register | OpsTcu | Connector | Simulator => {
                "`make build` puts it beside pile-ops"
            }
        }
    }

    /// How long an orderly stop may take before the process is killed. ops_tcu's own deadline is 20 s.
    pub fn stop_deadline(self) -> Duration {
        match self {
            OpsTcu => Duration::from_secs(25),
            Chdbd => Duration::from_secs(20),
            // Its own deadline is 10 s.
            Register | Connector => Duration::from_secs(15),
            _ => Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_needed_stops_after_those_who_need_it() {
        let at = |service| Service::STOP_ORDER.iter().position(|&s| s == service).unwrap();
        assert_eq!(at(Simulator), 0);
        for engine in [Mosquitto, Redis, Chdbd] {
            assert!(Service::SERVICES.iter().all(|&service| at(service) < at(engine)));
        }
        assert!(
            Service::ALL
                .iter()
                .all(|service| Service::STOP_ORDER.contains(service))
        );
    }
}

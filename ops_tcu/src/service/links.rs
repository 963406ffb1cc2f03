//! The two connections to every broker: how they are made, and who polls them.

use actix::Addr;
use common::shutdown::Shutdown;
use connections::mqtt::client_id;
use protocol::downlink::{Downlink, Repeat};
use protocol::topic::{Topics, shared};
use tokio::sync::{mpsc, oneshot};

use super::readiness::BrokerHealth;
use super::start;
use crate::actor::{Broker, MqttClienter, MqttEventPoller, WorkerManager};
use crate::config::Config;
use crate::intake::{Collector, IntakeParts};
use crate::message::{Acks, MsgEventLoopStart};
use crate::mqtt::{Handle, Link, LinkOptions};

/// The connections to every broker.
pub(super) struct Links {
    incoming: Vec<Link>,
    outgoing: Vec<Link>,
    pub(super) handles: Vec<(Handle, Handle)>,
}

impl Links {
    pub(super) fn new(config: &Config) -> Self {
        let mut links = Self {
            incoming: Vec::new(),
            outgoing: Vec::new(),
            handles: Vec::new(),
        };
        for number in 0..config.mqtt.brokers.len() {
            let (incoming, in_handle) = Link::new(&link_options(config, number, true));
            let (outgoing, out_handle) = Link::new(&link_options(config, number, false));
            links.incoming.push(incoming);
            links.outgoing.push(outgoing);
            links.handles.push((in_handle, out_handle));
        }
        links
    }

    pub(super) fn brokers(&self) -> Vec<Broker> {
        let both = |(incoming, outgoing): &(Handle, Handle)| Broker {
            incoming: incoming.clone(),
            outgoing: outgoing.clone(),
        };
        self.handles.iter().map(both).collect()
    }

    pub(super) fn start(
        &mut self,
        config: &Config,
        workers: &Addr<WorkerManager>,
        clienter: &Addr<MqttClienter>,
        durable: Vec<mpsc::UnboundedReceiver<Acks>>,
        (stop_intake, stop_outlet): (&Shutdown, &Shutdown),
        health: &[BrokerHealth],
    ) -> Vec<oneshot::Receiver<()>> {
        let links = self
            .incoming
            .drain(..)
            .zip(self.outgoing.drain(..))
            .zip(durable)
            .enumerate();
        links
            .map(|(number, ((incoming, outgoing), durable))| {
                let topics = Topics::new(&config.mqtt.org, &config.mqtt.kind);
                let shards = config.worker.shard_count();
                let parts = IntakeParts {
                    number: number as u8,
                    handle: self.handles[number].0.clone(),
                    filters: filters(config, &topics),
                    collector: Collector::new(topics, shards, config.worker.batch_messages, number as u8),
                    batch_age: config.worker.batch_age,
                    workers: workers.clone(),
                    clienter: clienter.clone(),
                    durable,
                    health: health[number].incoming.clone(),
                };
                let (done, when_done) = oneshot::channel();
                let incoming = (incoming, parts, stop_intake.clone());
                let poller = start(MqttEventPoller::new(
                    incoming,
                    (outgoing, health[number].outgoing.clone(), stop_outlet.clone()),
                    done,
                ));
                poller
                    .try_send(MsgEventLoopStart)
                    .expect("a new actor's mailbox has room");
                when_done
            })
            .collect()
    }
}

fn link_options(config: &Config, number: usize, intake: bool) -> LinkOptions {
    let mqtt = &config.mqtt;
    let name = client_id(&mqtt.client_id, number);
    LinkOptions {
        version: mqtt.version,
        address: mqtt.brokers[number].clone(),
        client_id: if intake { name } else { format!("{name}-out") },
        credentials: (!mqtt.username.is_empty()).then(|| (mqtt.username.clone(), mqtt.password.clone())),
        ca_file: mqtt.ca_file.clone(),
        intake,
        once: arrives_once,
        session_expiry: mqtt.session_expiry,
        keep_alive: mqtt.keep_alive,
        max_packet: mqtt.max_packet.as_u64() as usize,
        receive_maximum: mqtt.receive_maximum,
        queue: mqtt.outgoing_queue,
    }
}

/// A command to a pile that must not be done twice. Whether it arrived, the pile's answer tells, or its deadline.
fn arrives_once(topic: &[u8], payload: &[u8]) -> bool {
    topic.ends_with(b"/cmd")
        && Downlink::parse(payload).is_ok_and(|(_, command)| command.repeat() == Repeat::Never)
}

fn filters(config: &Config, topics: &Topics) -> Vec<String> {
    let filters = [
        topics.msg_filter(),
        topics.cmd_resp_filter(),
        topics.status_filter(),
        topics.proxy_cmd_filter(),
    ];
    let group = &config.mqtt.share_group;
    filters
        .into_iter()
        .map(|f| if group.is_empty() { f } else { shared(group, &f) })
        .collect()
}

//! MqttClienter: everything that is published or subscribed goes through here.

use actix::{Actor, Context, Handler};
use metrics::counter;
use tracing::warn;

use crate::message::{MsgCmdResp, MsgMqtt, MsgMqttSubs, MsgMqttUnsubs, MsgRespMsg};
use crate::mqtt::Handle;

/// The request queues of one broker's two connections.
pub struct Broker {
    /// Takes messages in: subscriptions belong to its session.
    pub incoming: Handle,
    /// Sends messages out.
    pub outgoing: Handle,
}

/// See the module.
pub struct MqttClienter {
    brokers: Vec<Broker>,
}

impl MqttClienter {
    /// For these brokers, by their number in the configuration.
    pub fn new(brokers: Vec<Broker>) -> Self {
        Self { brokers }
    }

    /// Publishes, or counts what could not be: the pile asks again, a command runs into its deadline.
    fn publish(&self, message: MsgMqtt) {
        let sent = self
            .brokers
            .get(usize::from(message.link))
            .map(|b| b.outgoing.publish(message.topic, message.payload));
        if !matches!(sent, Some(Ok(()))) {
            counter!("ops_tcu_replies_dropped_total").increment(1);
        }
    }
}

impl Actor for MqttClienter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(1024);
    }
}

impl Handler<MsgMqtt> for MqttClienter {
    type Result = ();

    fn handle(&mut self, message: MsgMqtt, _: &mut Context<Self>) {
        self.publish(message);
    }
}

impl Handler<MsgRespMsg> for MqttClienter {
    type Result = ();

    fn handle(&mut self, MsgRespMsg(replies): MsgRespMsg, _: &mut Context<Self>) {
        replies.into_iter().for_each(|reply| self.publish(reply));
    }
}

impl Handler<MsgCmdResp> for MqttClienter {
    type Result = ();

    fn handle(&mut self, MsgCmdResp(outcomes): MsgCmdResp, _: &mut Context<Self>) {
        outcomes.into_iter().for_each(|outcome| self.publish(outcome));
    }
}

impl Handler<MsgMqttSubs> for MqttClienter {
    type Result = ();

    fn handle(&mut self, subs: MsgMqttSubs, _: &mut Context<Self>) {
        let Some(broker) = self.brokers.get(usize::from(subs.link)) else {
            return;
        };
        if broker.incoming.subscribe(&subs.filters).is_err() {
            warn!(link = subs.link, "no room to subscribe; the intake asks again");
        }
    }
}

impl Handler<MsgMqttUnsubs> for MqttClienter {
    type Result = ();

    fn handle(&mut self, unsubs: MsgMqttUnsubs, _: &mut Context<Self>) {
        let Some(broker) = self.brokers.get(usize::from(unsubs.link)) else {
            return;
        };
        for filter in unsubs.filters {
            if broker.incoming.unsubscribe(filter).is_err() {
                warn!(link = unsubs.link, "no room to unsubscribe");
            }
        }
    }
}

//! MqttEventPoller: one per broker, on a thread of its own, the only one that polls its connections.

use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, Handler, WrapFuture};
use common::shutdown::Shutdown;
use tokio::sync::oneshot;

use crate::intake::{self, IntakeParts};
use crate::message::MsgEventLoopStart;
use crate::mqtt::{Health, Link};
use crate::outlet;

/// The two connections to one broker: what piles send comes in over one, replies go out over the
/// other, so that neither waits behind the other's packets.
pub struct MqttEventPoller {
    parts: Option<Parts>,
}

struct Parts {
    incoming: (Link, IntakeParts, Shutdown),
    outgoing: (Link, Arc<Health>, Shutdown),
    done: oneshot::Sender<()>,
}

impl MqttEventPoller {
    /// Connections not yet polled. `done` is told when both have ended.
    pub fn new(
        incoming: (Link, IntakeParts, Shutdown),
        outgoing: (Link, Arc<Health>, Shutdown),
        done: oneshot::Sender<()>,
    ) -> Self {
        Self {
            parts: Some(Parts {
                incoming,
                outgoing,
                done,
            }),
        }
    }
}

impl Actor for MqttEventPoller {
    type Context = Context<Self>;
}

impl Handler<MsgEventLoopStart> for MqttEventPoller {
    type Result = ();

    fn handle(&mut self, _: MsgEventLoopStart, ctx: &mut Context<Self>) {
        let Some(Parts {
            incoming,
            outgoing,
            done,
        }) = self.parts.take()
        else {
            return;
        };
        let (link, parts, stop) = incoming;
        let number = parts.number;
        let loops = async move {
            let outlet = actix::spawn(outlet::run(outgoing.0, number, outgoing.1, outgoing.2));
            intake::run(link, parts, stop).await;
            let _ = outlet.await;
            let _ = done.send(());
        };
        ctx.spawn(loops.into_actor(self));
    }
}

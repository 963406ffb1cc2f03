//! DbInserter: takes closed segments and drains them one by one, in order; answers what the database
//! knows of the fleet.

use std::collections::VecDeque;

use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseFuture, WrapFuture};
use metrics::gauge;
use protocol::Uuid;
use store::table::asset::{self, AssetNames};
use store::{Clickhouse, StoreError};
use tokio::sync::oneshot;
use tracing::error;
use wal::Segment;

use crate::drain::Drain;
use crate::message::{AssetVersion, ChangedAssets, MsgDbInsert, MsgGetAllCompany};

/// Asks to be told when nothing waits to be inserted.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WhenDrained(pub oneshot::Sender<()>);

/// See the module.
pub struct DbInserter {
    db: Clickhouse,
    drain: Drain,
    waiting: VecDeque<Segment>,
    busy: bool,
    ask: Vec<oneshot::Sender<()>>,
}

impl DbInserter {
    /// Into `db`, for the log named `log_id`; `left` are the segments of an earlier process.
    pub fn new(db: Clickhouse, log_id: String, left: Vec<Segment>) -> Self {
        let drain = Drain::new(db.clone(), log_id);
        Self {
            db,
            drain,
            waiting: left.into(),
            busy: false,
            ask: Vec::new(),
        }
    }

    fn next(&mut self, ctx: &mut Context<Self>) {
        gauge!("ops_tcu_segments_waiting").set(self.waiting.len() as f64);
        if self.busy {
            return;
        }
        let Some(segment) = self.waiting.pop_front() else {
            for asked in self.ask.drain(..) {
                let _ = asked.send(());
            }
            return;
        };
        self.busy = true;
        let drain = self.drain.clone();
        let draining = async move { drain.segment(segment).await };
        ctx.spawn(draining.into_actor(self).map(|result, actor, ctx| {
            if let Err(error) = result {
                // The file stays; the next start tries again.
                let cause = std::error::Error::source(&error)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                error!(%error, cause, "a segment could not be drained");
            }
            actor.busy = false;
            actor.next(ctx);
        }));
    }
}

impl Actor for DbInserter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(1024);
        self.next(ctx);
    }
}

impl Handler<MsgDbInsert> for DbInserter {
    type Result = ();

    fn handle(&mut self, MsgDbInsert(segment): MsgDbInsert, ctx: &mut Context<Self>) {
        self.waiting.push_back(segment);
        self.next(ctx);
    }
}

impl Handler<WhenDrained> for DbInserter {
    type Result = ();

    fn handle(&mut self, WhenDrained(asked): WhenDrained, ctx: &mut Context<Self>) {
        self.ask.push(asked);
        self.next(ctx);
    }
}

impl Handler<MsgGetAllCompany> for DbInserter {
    type Result = ResponseFuture<Result<ChangedAssets, StoreError>>;

    fn handle(&mut self, ask: MsgGetAllCompany, _: &mut Context<Self>) -> Self::Result {
        let db = self.db.clone();
        Box::pin(async move {
            // Before the versions: what changes in between differs again next time.
            let digests = asset::digests(&db).await?;
            let buckets = digests.changed_since(&ask.known);
            let versions = if buckets.is_empty() {
                Vec::new()
            } else {
                versions(asset::in_buckets(&db, &buckets)?).await?
            };
            Ok(ChangedAssets { digests, versions })
        })
    }
}

/// What is read of each asset, as the fleet sees it.
pub async fn versions(mut names: AssetNames) -> Result<Vec<AssetVersion>, StoreError> {
    let mut versions = Vec::new();
    while let Some(name) = names.next().await? {
        // Staff may name an asset as they like before its pile has a uuid.
        let uuid = Uuid::parse(&name.name).ok().filter(|_| name.flag_del == 0);
        versions.push(AssetVersion {
            device_id: name.device_id,
            uuid,
            dt_id: name.dt_id,
            version: name.timestamp,
            adopted: name.adopted == 1,
        });
    }
    Ok(versions)
}

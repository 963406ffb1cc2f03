//! Sorts what comes in into one batch per worker. Pure: no connection, no clock.

use std::mem;

use protocol::topic::{Inbound, Topics};

use crate::message::{Acks, InPubTopicPayload, MsgActiveMsg, MsgPxyCmd, Origin};
use crate::mqtt::Incoming;

/// What one message led to.
#[derive(Debug)]
pub enum Taken {
    /// It waits in a batch.
    Held,
    /// It filled a batch.
    Full(MsgActiveMsg),
    /// It is a proxied command for this worker, which is to get what came before it first: that may be what makes
    /// the pile known.
    Command(Option<MsgActiveMsg>, usize, MsgPxyCmd),
    /// It is on a topic that is not ours: acknowledge and forget. The packet to acknowledge.
    Foreign(Option<u16>),
}

/// Which worker owns a pile.
pub fn shard_of(uuid: protocol::Uuid, shards: usize) -> usize {
    (uuid.counter() % shards as u64) as usize
}

/// Batches in the making.
#[derive(Debug)]
pub struct Collector {
    topics: Topics,
    limit: usize,
    link: u8,
    epoch: u32,
    batches: Vec<MsgActiveMsg>,
    held: usize,
}

impl Collector {
    /// Batches of at most `limit` for `shards` workers, of what comes from broker number `link`.
    pub fn new(topics: Topics, shards: usize, limit: usize, link: u8) -> Self {
        let batches = (0..shards).map(|shard| empty(shard, link, 0, limit)).collect();
        Self {
            topics,
            limit,
            link,
            epoch: 0,
            batches,
            held: 0,
        }
    }

    /// A new connection: packet numbers of the old one mean nothing now, so what is held goes on
    /// without acknowledgement. Mostly the broker sends it again; if it lost the session, this is the
    /// only copy there is.
    pub fn reconnected(&mut self) -> u32 {
        self.epoch += 1;
        for batch in &mut self.batches {
            batch.acks = Acks {
                link: self.link,
                epoch: self.epoch,
                packets: Vec::new(),
            };
        }
        self.epoch
    }

    /// The present connection.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether any batch holds something.
    pub fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Takes one message in.
    pub fn take(&mut self, incoming: Incoming) -> Taken {
        let topic = incoming.topic.as_str();
        let shards = self.batches.len();
        let (shard, origin) = match self.topics.parse(topic) {
            Inbound::Msg(uuid) | Inbound::CmdResp(uuid, _) => (shard_of(uuid, shards), Origin::Pile(uuid)),
            Inbound::Status(uuid) if incoming.retained => (shard_of(uuid, shards), Origin::KeptStatus(uuid)),
            Inbound::Status(uuid) => (shard_of(uuid, shards), Origin::Status(uuid)),
            Inbound::BadUuid(_) => (0, Origin::Stray(topic.into())),
            // Kept by the broker it would be asked for again with every subscription.
            Inbound::ProxyCmd(_) if incoming.retained => return Taken::Foreign(incoming.packet),
            Inbound::ProxyCmd(uuid) => {
                let packets = incoming.packet.into_iter().collect();
                let acks = Acks {
                    link: self.link,
                    epoch: self.epoch,
                    packets,
                };
                let command = MsgPxyCmd {
                    uuid,
                    payload: incoming.payload,
                    again: incoming.again,
                    acks,
                };
                let shard = shard_of(uuid, shards);
                let before = (!self.batches[shard].items.is_empty()).then(|| self.close(shard));
                return Taken::Command(before, shard, command);
            }
            _ => return Taken::Foreign(incoming.packet),
        };
        let topic_bytes = u16::try_from(topic.len()).unwrap_or(u16::MAX);
        let batch = &mut self.batches[shard];
        batch.items.push(InPubTopicPayload {
            origin,
            topic_bytes,
            payload: incoming.payload,
        });
        batch.acks.packets.extend(incoming.packet);
        self.held += 1;
        if batch.items.len() < self.limit {
            return Taken::Held;
        }
        Taken::Full(self.close(shard))
    }

    fn close(&mut self, shard: usize) -> MsgActiveMsg {
        let next = empty(shard, self.link, self.epoch, self.limit);
        let batch = mem::replace(&mut self.batches[shard], next);
        self.held -= batch.items.len();
        batch
    }

    /// All batches that hold something.
    pub fn flush(&mut self) -> impl Iterator<Item = MsgActiveMsg> {
        self.held = 0;
        let (link, epoch) = (self.link, self.epoch);
        self.batches
            .iter_mut()
            .filter(|b| !b.items.is_empty())
            .map(move |batch| {
                // A batch that a timer flushes says little about the next one: start small.
                let next = empty(batch.shard, link, epoch, 16);
                mem::replace(batch, next)
            })
    }
}

fn empty(shard: usize, link: u8, epoch: u32, capacity: usize) -> MsgActiveMsg {
    let acks = Acks {
        link,
        epoch,
        packets: Vec::with_capacity(capacity),
    };
    MsgActiveMsg {
        shard,
        items: Vec::with_capacity(capacity),
        acks,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::mqtt::Topic;

    fn collector(limit: usize) -> Collector {
        Collector::new(Topics::new("xjdy", "TCU"), 2, limit, 3)
    }

    fn incoming(topic: &str, packet: u16) -> Incoming {
        Incoming {
            topic: Topic::Text(topic.into()),
            payload: Bytes::from_static(b"{}"),
            retained: false,
            again: false,
            packet: Some(packet),
        }
    }

    #[test]
    fn piles_go_to_their_worker_in_order() {
        let mut collector = collector(2);
        assert!(matches!(
            collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAA/msg", 1)),
            Taken::Held
        ));
        assert!(matches!(
            collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAB/msg", 2)),
            Taken::Held
        ));
        let Taken::Full(batch) = collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAA/cmd_resp/x", 3)) else {
            panic!("two messages for worker 0 fill its batch");
        };
        assert_eq!((batch.shard, batch.acks.packets), (0, vec![1, 3]));
        let rest: Vec<_> = collector.flush().collect();
        assert_eq!((rest.len(), rest[0].shard), (1, 1));
        assert!(collector.is_empty());
    }

    #[test]
    fn what_is_no_piles_message_is_told_apart() {
        let mut collector = collector(8);
        assert!(matches!(
            collector.take(incoming("/other/topic", 1)),
            Taken::Foreign(Some(1))
        ));
        assert!(matches!(
            collector.take(incoming("/xjdy/ops/v1/PXY/AAAAAAAB/cmd", 2)),
            Taken::Command(None, 1, _)
        ));
        assert!(matches!(
            collector.take(incoming("/xjdy/ops/v1/TCU/short/msg", 3)),
            Taken::Held
        ));
        let stray = collector.flush().next().unwrap();
        assert_eq!(
            stray.items[0].origin,
            Origin::Stray("/xjdy/ops/v1/TCU/short/msg".into())
        );
    }

    #[test]
    fn a_command_that_the_broker_has_kept_is_nobodys() {
        let mut collector = collector(2);
        let kept = Incoming {
            retained: true,
            ..incoming("/xjdy/ops/v1/PXY/AAAAAAAA/cmd", 7)
        };
        assert!(matches!(collector.take(kept), Taken::Foreign(Some(7))));
    }

    #[test]
    fn a_command_comes_behind_what_its_worker_was_to_get_before() {
        let mut collector = collector(8);
        let _ = collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAB/msg", 1));
        let _ = collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAA/msg", 2));
        let Taken::Command(Some(before), 1, _) = collector.take(incoming("/xjdy/ops/v1/PXY/AAAAAAAB/cmd", 3))
        else {
            panic!("worker 1 has a message before it");
        };
        assert_eq!(before.acks.packets, [1]);
        assert!(!collector.is_empty(), "worker 0 is not concerned");
    }

    #[test]
    fn a_reconnect_keeps_the_messages_and_forgets_their_numbers() {
        let mut collector = collector(8);
        let _ = collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAA/msg", 1));
        assert_eq!(collector.reconnected(), 1);
        let _ = collector.take(incoming("/xjdy/ops/v1/TCU/AAAAAAAA/msg", 9));
        let batch = collector.flush().next().unwrap();
        assert_eq!(batch.items.len(), 2);
        assert_eq!(
            batch.acks,
            Acks {
                link: 3,
                epoch: 1,
                packets: vec![9]
            }
        );
    }
}

//! What durability sets free: acknowledgements to the broker, replies to piles, segments to the drain.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use actix::Addr;
use actix::prelude::SendError;
use metrics::{Counter, Histogram, counter, gauge, histogram};
use tokio::sync::mpsc::UnboundedSender;
use tracing::{error, warn};
use wal::{Segment, Sink, WalError};

use crate::actor::{DbInserter, MqttClienter};
use crate::message::{Acks, MsgCmdResp, MsgDbInsert, MsgMqtt, MsgRespMsg};

/// What a batch waits for durability with.
#[derive(Debug)]
pub struct Receipt {
    /// To acknowledge.
    pub acks: Acks,
    /// To send to piles.
    pub replies: Vec<MsgMqtt>,
    /// To send to services.
    pub outcomes: Vec<MsgMqtt>,
    /// When the worker had it ready.
    pub taken: Instant,
}

/// Receives the log's word; runs on the log's thread and never blocks it.
pub struct Commit {
    intakes: Vec<UnboundedSender<Acks>>,
    clienter: Addr<MqttClienter>,
    inserter: Addr<DbInserter>,
    /// Segments that the inserter's mailbox had no room for.
    waiting: VecDeque<Segment>,
    committed: Counter,
    bytes: Counter,
    sync: Histogram,
    waited: Histogram,
    complained: Option<Instant>,
}

impl Commit {
    /// `intakes` by the broker's number; each one's queue is bounded by the broker's window.
    pub fn new(
        intakes: Vec<UnboundedSender<Acks>>,
        clienter: Addr<MqttClienter>,
        inserter: Addr<DbInserter>,
    ) -> Self {
        Self {
            intakes,
            clienter,
            inserter,
            waiting: VecDeque::new(),
            committed: counter!("ops_tcu_wal_groups_total"),
            bytes: counter!("ops_tcu_wal_bytes_total"),
            sync: histogram!("ops_tcu_wal_sync_seconds"),
            waited: histogram!("ops_tcu_commit_wait_seconds"),
            complained: None,
        }
    }

    fn hand_over(&mut self) {
        while let Some(segment) = self.waiting.pop_front() {
            match self.inserter.try_send(MsgDbInsert(segment)) {
                Ok(()) => {}
                Err(SendError::Full(MsgDbInsert(segment))) => return self.waiting.push_front(segment),
                // Stopping: the next start finds the file.
                Err(SendError::Closed(_)) => {}
            }
        }
    }
}

impl Sink<Receipt> for Commit {
    fn committed(&mut self, receipts: Vec<Receipt>, bytes: u64, sync: Duration) {
        let (mut replies, mut outcomes) = (Vec::new(), Vec::new());
        for receipt in receipts {
            self.waited.record(receipt.taken.elapsed());
            replies.extend(receipt.replies);
            outcomes.extend(receipt.outcomes);
            if !receipt.acks.packets.is_empty()
                && let Some(intake) = self.intakes.get(usize::from(receipt.acks.link))
            {
                // Gone only when the service has stopped taking in.
                let _ = intake.send(receipt.acks);
            }
        }
        self.committed.increment(1);
        self.bytes.increment(bytes);
        self.sync.record(sync);
        let (replied, told) = (replies.len(), outcomes.len());
        if replied > 0 && self.clienter.try_send(MsgRespMsg(replies)).is_err() {
            counter!("ops_tcu_replies_dropped_total").increment(replied as u64);
        }
        if told > 0 && self.clienter.try_send(MsgCmdResp(outcomes)).is_err() {
            counter!("ops_tcu_replies_dropped_total").increment(told as u64);
        }
        if self.complained.take().is_some() {
            warn!("the log takes in again");
            gauge!("ops_tcu_wal_failing").set(0.0);
        }
        self.hand_over();
    }

    fn closed(&mut self, segment: Segment) {
        self.waiting.push_back(segment);
        self.hand_over();
    }

    fn failing(&mut self, failed: &WalError) {
        gauge!("ops_tcu_wal_failing").set(1.0);
        let due = self
            .complained
            .is_none_or(|at| at.elapsed() > Duration::from_secs(30));
        if due {
            let cause = std::error::Error::source(failed)
                .map(ToString::to_string)
                .unwrap_or_default();
            error!(error = %failed, cause, "the log cannot be written; nothing is acknowledged until it can");
            self.complained = Some(Instant::now());
        }
        self.hand_over();
    }
}

//! What is done with a message at once: limits, and a word about what is no request. The rest goes to the worker.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use metrics::counter;
use protocol::Payload as _;
use protocol::topic::{Inbound, Topics};
use tokio::sync::mpsc;
use tracing::warn;

use super::outlet::{Receipt, refused};
use super::read::{IllFormed, read};
use super::seldom::Seldom;
use crate::model::{Admission, Limiter, Request, Serial};

/// A message to publish, and its topic.
pub(super) type Message = (String, Vec<u8>);

/// A request that waits for the worker.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) reqid: u32,
    pub(super) receipt: Receipt,
    pub(super) received: Instant,
    /// How often another process had the lock.
    pub(super) tries: u32,
}

/// Shared by all connections, but for the clones of its handles.
#[derive(Clone)]
pub(super) struct Intake {
    topics: Topics,
    limiter: Arc<Mutex<Limiter>>,
    /// None when stopping: then the worker ends with the last job.
    jobs: mpsc::Sender<Job>,
    complaints: Arc<Seldom>,
}

impl Intake {
    pub(super) fn new(topics: Topics, limiter: Limiter, jobs: mpsc::Sender<Job>) -> Self {
        Self {
            topics,
            limiter: Arc::new(Mutex::new(limiter)),
            jobs,
            complaints: Arc::default(),
        }
    }

    /// Nothing, if the worker answers; otherwise it is to be acknowledged at once, with or without an answer.
    pub(super) fn take(&self, receipt: Receipt, topic: &str, payload: &[u8]) -> Option<Option<Message>> {
        if self.topics.parse(topic) != Inbound::Register {
            outcome("foreign");
            return Some(None);
        }
        let read = read(payload);
        match read.outcome {
            Ok(request) => self.request(request, read.reqid, receipt),
            Err(ill_formed) => Some(self.ill_formed(&ill_formed, read.reqid, payload.len())),
        }
    }

    fn request(&self, request: Request, reqid: u32, receipt: Receipt) -> Option<Option<Message>> {
        let sn = request.sn.clone();
        if let Err(word) = self.admit(&sn) {
            return Some(word.map(|reason| self.refusal(&sn, reqid, reason)));
        }
        let job = Job {
            request,
            reqid,
            receipt,
            received: Instant::now(),
            tries: 0,
        };
        match self.jobs.try_send(job) {
            Ok(()) => None,
            Err(_) => {
                outcome("busy");
                Some(Some(self.refusal(&sn, reqid, BUSY)))
            }
        }
    }

    /// An error is what it is told instead, if anything.
    fn admit(&self, sn: &Serial) -> Result<(), Option<&'static str>> {
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        let (label, word) = match limiter.admit(sn.as_str(), Instant::now()) {
            Admission::Work => return Ok(()),
            Admission::TooOften => ("limited", Some("注册申请过于频繁，请稍后重试")),
            Admission::Busy => ("busy", Some(BUSY)),
            Admission::Silent => ("silenced", None),
        };
        outcome(label);
        Err(word)
    }

    fn ill_formed(&self, ill_formed: &IllFormed, reqid: u32, size: usize) -> Option<Message> {
        outcome("ill_formed");
        counter!("register_ill_formed_total", "reason" => ill_formed.label).increment(1);
        if let Some(passed_over) = self.complaints.may() {
            let IllFormed { sn, reason, label } = ill_formed;
            let sn = sn.as_ref().map(Serial::as_str);
            warn!(
                sn,
                label, reason, size, passed_over, "an ill-formed request for registration"
            );
        }
        let sn = ill_formed.sn.as_ref()?;
        match self.admit(sn) {
            Ok(()) => Some(self.refusal(sn, reqid, &ill_formed.reason)),
            Err(word) => word.map(|reason| self.refusal(sn, reqid, reason)),
        }
    }

    fn refusal(&self, sn: &Serial, reqid: u32, reason: &str) -> Message {
        let topic = self.topics.register_result(sn.as_str());
        (topic, refused(reason).to_json(reqid))
    }
}

const BUSY: &str = "平台繁忙，请稍后重试";

/// Counts a request by what became of it.
pub(super) fn outcome(label: &'static str) {
    counter!("register_requests_total", "outcome" => label).increment(1);
}

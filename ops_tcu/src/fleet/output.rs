//! What a worker makes of its input: rows for the log, and what is to be said once they are durable.

use bytes::Bytes;
use store::{Record, Table};
use wal::FrameBuilder;

use crate::message::{KeptPassword, MsgMqtt};

/// Rows and messages in the making.
#[derive(Debug)]
pub struct Output {
    frames: Vec<FrameBuilder>,
    /// For piles.
    pub replies: Vec<MsgMqtt>,
    /// For services, on `PXY/…/resp`.
    pub outcomes: Vec<MsgMqtt>,
    /// Passwords in commands, to be kept where a restart finds them, or to be forgotten.
    pub passwords: Vec<KeptPassword>,
}

impl Default for Output {
    fn default() -> Self {
        let frames = Table::ALL
            .iter()
            .map(|table| FrameBuilder::new(table.id()))
            .collect();
        Self {
            frames,
            replies: Vec::new(),
            outcomes: Vec::new(),
            passwords: Vec::new(),
        }
    }
}

impl Output {
    /// Adds a row to its table.
    #[inline]
    pub fn row<R: Record>(&mut self, row: &R) {
        self.frames[R::TABLE.place()].push(|out| row.encode(out));
    }

    /// Adds a message to a pile.
    pub fn reply(&mut self, link: u8, topic: String, payload: Vec<u8>) {
        self.replies.push(MsgMqtt {
            link,
            topic,
            payload: Bytes::from(payload),
        });
    }

    /// Adds a message to a service.
    pub fn outcome(&mut self, link: u8, topic: String, payload: Vec<u8>) {
        self.outcomes.push(MsgMqtt {
            link,
            topic,
            payload: Bytes::from(payload),
        });
    }

    /// Takes out sealed frames, assets first: a pile must be known before its rows are.
    pub fn take_frames(&mut self) -> Vec<Vec<u8>> {
        self.frames
            .iter_mut()
            .filter(|f| !f.is_empty())
            .map(FrameBuilder::take)
            .collect()
    }

    /// Whether there is nothing to write and nothing to say.
    pub fn is_empty(&self) -> bool {
        self.replies.is_empty()
            && self.outcomes.is_empty()
            && self.passwords.is_empty()
            && self.frames.iter().all(FrameBuilder::is_empty)
    }
}

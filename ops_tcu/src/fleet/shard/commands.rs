//! Commands for the piles of a worker: asked for, taken over from an earlier process, sent in turn.

use protocol::Uuid;

use super::Shard;
use crate::fleet::on::{self, KeptCommand};

impl Shard {
    /// A command that a service asks for.
    pub fn proxied(&mut self, uuid: Uuid, link: u8, payload: &[u8], again: bool, now: i64) {
        match self.known(uuid) {
            Some(place) => on::command::proxied(&mut self.turn(place, now), link, payload, again),
            // A slip of the pen is no pile: only what a pile says itself makes an asset.
            None => on::command::to_nobody(&mut self.core, uuid, link, payload, now),
        }
    }

    /// A command of an earlier process.
    pub fn restore_command(&mut self, command: &KeptCommand, now: i64) {
        match command.uuid.and_then(|uuid| self.known(uuid)) {
            Some(place) => {
                let password = command.password.as_ref().map(|password| password.reveal());
                on::command::restore(&mut self.turn(place, now), &command.kept, password);
            }
            None => on::command::orphan(&mut self.core, &command.kept, now),
        }
    }

    /// Whether commands wait for the pace to let them go.
    pub fn has_line(&self) -> bool {
        !self.core.pace.is_empty()
    }

    /// Sends as many of the commands that stand in line as the pace allows, every source in turn.
    pub fn send_in_turn(&mut self, now: i64) {
        while !self.core.pace.is_empty() && self.core.pace.take(now) {
            let Some((source, place)) = self.core.pace.next() else {
                return self.core.pace.give_back();
            };
            if !on::command::send_from(&mut self.turn(place, now), &source) {
                self.core.pace.give_back();
            }
        }
    }
}

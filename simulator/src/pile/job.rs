//! Work a command starts and time finishes: restarts, updates, answers that come late.

use rand::Rng as _;

use super::output::{Deed, Message, Output, Reconnect};
use super::{Pile, profile::FAR_AWAY_MS};

/// From 更新程序并重启 to the restart, simulated s.
pub(crate) const UPDATE_S: f64 = 5.0;
/// A restart takes as long, simulated s.
const REBOOT_S: std::ops::Range<f64> = 3.0..8.0;
/// A connection that is lost by itself stays away as long, simulated s.
const AWAY_S: std::ops::Range<f64> = 30.0..300.0;

/// Something to do later.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Say what was held back.
    Say(Message),
    /// Say what was gathered, the last first.
    SayGathered,
    /// Move to another broker or uuid.
    Move(Box<Reconnect>),
    /// 重启.
    Restart,
    /// Apply what was downloaded, then restart.
    Update,
}

impl Pile {
    pub(crate) fn schedule(&mut self, now: i64, simulated_s: f64, job: Job) {
        self.jobs.push((now + self.profile.wall_ms(simulated_s), job));
    }

    /// Does what is due.
    pub(crate) fn run_jobs(&mut self, now: i64, out: &mut Vec<Output>) {
        let mut index = 0;
        // A restart forgets what was still to do.
        while index < self.jobs.len() {
            if self.jobs[index].0 <= now {
                let (_, job) = self.jobs.remove(index);
                self.run_job(now, job, out);
            } else {
                index += 1;
            }
        }
    }

    fn run_job(&mut self, now: i64, job: Job, out: &mut Vec<Output>) {
        match job {
            Job::Say(message) => out.push(Output::Send(message)),
            Job::SayGathered => {
                let gathered = std::mem::take(&mut self.gathered);
                out.extend(gathered.into_iter().rev().map(Output::Send));
            }
            Job::Move(reconnect) => out.push(Output::Reconnect(*reconnect)),
            Job::Restart => self.restart(out),
            Job::Update => self.update(now, out),
        }
    }

    /// Off and on again: what was under way is forgotten, what was downloaded is kept.
    pub(crate) fn restart(&mut self, out: &mut Vec<Output>) {
        let away = self.chaos.random_range(REBOOT_S);
        let away = self.profile.wall_ms(away);
        out.push(Output::Did(Deed::Restarted));
        self.go_offline(away, out);
    }

    /// The program stops, and is back after `away_ms`.
    pub(crate) fn go_offline(&mut self, away_ms: i64, out: &mut Vec<Output>) {
        self.jobs.clear();
        self.gathered.clear();
        self.carrying.clear();
        out.push(Output::Reconnect(Reconnect {
            away_ms: away_ms.min(FAR_AWAY_MS),
            is_restart: true,
            ..Reconnect::default()
        }));
    }

    /// The network is gone for a while; the program goes on.
    pub(crate) fn lose_network(&mut self, out: &mut Vec<Output>) {
        let away = self.chaos.random_range(AWAY_S);
        self.next_loss = FAR_AWAY_MS;
        let away_ms = self.profile.wall_ms(away);
        out.push(Output::Reconnect(Reconnect {
            away_ms,
            ..Reconnect::default()
        }));
    }
}

//! One command on its way to one pile.

use compact_str::CompactString;
use protocol::downlink::Repeat;

/// What was sent this short a time ago is on its way still, ms.
const ON_ITS_WAY: i64 = 5_000;
/// What takes minutes is asked again after this many pauses.
const SLOWLY: i64 = 6;

/// When an unanswered command is published again.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// After the first time, ms; doubled each time.
    pub pause: i64,
    /// How often in all, without the one time after the pile has been away.
    pub attempts: u8,
}

/// How a pile came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::fleet) enum Again {
    /// It is heard again.
    Heard,
    /// It logged in: whatever it was doing has ended.
    LoggedIn,
}

/// See the module.
#[derive(Debug, Clone)]
pub(in crate::fleet) struct Command {
    /// The wire name, 命令.
    pub kind: CompactString,
    /// Whether it may be published again.
    pub repeat: Repeat,
    /// The platform's number for it.
    pub reqid: u32,
    /// The caller's own mark, given back with the outcome; empty if nobody wants it.
    pub caller: CompactString,
    /// Who asked.
    pub source: CompactString,
    /// The broker through which the caller asked, and listens for the outcome; none if that is not known any more.
    pub link: Option<u8>,
    /// The JSON object that goes to the pile.
    pub body: Box<str>,
    /// When it was asked for, ms.
    pub created: i64,
    /// When it was first sent, ms; 0 while it waits.
    pub sent: i64,
    /// When it was last sent, ms.
    pub last: i64,
    /// After this time it has timed out, ms.
    pub deadline: i64,
    /// The time of its latest step, ms; rises with each.
    pub version: i64,
    /// How often it was sent.
    pub attempts: u8,
    /// When it is to be sent again, ms; 0 = not.
    pub retry_at: i64,
    /// Its progress, percent.
    pub progress: u8,
    /// When the pile said that it is at it, ms; 0 = it did not.
    pub accepted: i64,
    /// It stands in its source's line.
    pub listed: bool,
    /// It has been sent once more because the pile was back.
    pub returned: bool,
    /// Its password did not survive a restart: it cannot be sent.
    pub lacks_password: bool,
}

impl Command {
    /// Notes that it is sent now, and when it will be again.
    pub(in crate::fleet) fn sent(&mut self, retry: Retry, now: i64) {
        self.attempts = self.attempts.saturating_add(1);
        if self.sent == 0 {
            self.sent = now;
        }
        self.last = now;
        self.listed = false;
        self.schedule(retry, now);
    }

    /// Sets when it is due again, counted from now.
    pub(in crate::fleet) fn schedule(&mut self, retry: Retry, now: i64) {
        let factor = match self.repeat {
            Repeat::Yes => 1,
            Repeat::Slowly => SLOWLY,
            Repeat::Never => 0,
        };
        let more = self.attempts < retry.attempts && self.accepted == 0 && !self.lacks_password;
        self.retry_at = if more && factor > 0 && retry.pause > 0 {
            let doubled = i64::from(self.attempts.saturating_sub(1)).min(16);
            now + (retry.pause << doubled).saturating_mul(factor)
        } else {
            0
        };
    }

    /// The pile is at it: its silence no longer means that it did not hear.
    pub(in crate::fleet) fn accepted(&mut self, now: i64) {
        self.accepted = now;
        self.retry_at = 0;
    }

    /// Whether it is to be sent again.
    pub(in crate::fleet) fn is_due(&self, now: i64) -> bool {
        self.retry_at != 0 && self.retry_at <= now
    }

    /// The pile is back after it was sent: it is due once more, but for what the pile is still at.
    pub(in crate::fleet) fn back(&mut self, again: Again, now: i64) {
        let may = self.repeat != Repeat::Never && !self.returned && !self.lacks_password;
        let may = may && now - self.last >= ON_ITS_WAY;
        if may && (self.accepted == 0 || again == Again::LoggedIn) {
            self.returned = true;
            self.retry_at = now;
        }
    }

    /// What to say when its deadline has passed.
    pub(in crate::fleet) fn why_expired(&self, online: bool) -> &'static str {
        match (self.sent, self.accepted) {
            (0, _) if online => "期限内未轮到下发",
            (0, _) => "期限内桩未上线",
            (_, 0) => "期限内桩未应答",
            _ => "桩已受理，期限内未报告完成",
        }
    }
}

#[cfg(test)]
pub(in crate::fleet) mod tests {
    use super::*;

    const RETRY: Retry = Retry {
        pause: 20_000,
        attempts: 3,
    };

    /// A command as it is asked for.
    pub(in crate::fleet) fn command(kind: &str, reqid: u32, deadline: i64) -> Command {
        Command {
            kind: kind.into(),
            repeat: Repeat::Yes,
            reqid,
            caller: "web".into(),
            source: "平台".into(),
            link: Some(0),
            body: "{}".into(),
            created: 0,
            sent: 0,
            last: 0,
            deadline,
            version: 0,
            attempts: 0,
            retry_at: 0,
            progress: 0,
            accepted: 0,
            listed: false,
            returned: false,
            lacks_password: false,
        }
    }

    #[test]
    fn pauses_double_and_end() {
        let mut command = command("SIM卡召唤", 7, i64::MAX);
        let mut at = vec![1000];
        while at.len() < 10 && *at.last().unwrap() != 0 {
            command.sent(RETRY, *at.last().unwrap());
            at.push(command.retry_at);
        }
        assert_eq!(at, [1000, 21_000, 61_000, 0]);
        assert_eq!((command.attempts, command.sent), (3, 1000));
    }

    #[test]
    fn what_must_not_be_repeated_never_is() {
        let mut command = Command {
            repeat: Repeat::Never,
            ..command("重启", 7, i64::MAX)
        };
        command.sent(RETRY, 1000);
        command.back(Again::LoggedIn, 2000);
        assert_eq!(command.retry_at, 0);
    }

    #[test]
    fn a_pile_that_is_back_gets_it_once_more() {
        let mut command = command("下载", 7, i64::MAX);
        command.repeat = Repeat::Slowly;
        command.sent(RETRY, 1000);
        assert_eq!(command.retry_at, 121_000);
        command.accepted(2000);
        assert_eq!(command.retry_at, 0);
        command.back(Again::Heard, 3000);
        assert_eq!(command.retry_at, 0, "it is at it");
        command.back(Again::LoggedIn, 4000);
        assert_eq!(command.retry_at, 0, "it has only just been sent");
        command.back(Again::LoggedIn, 14_000);
        assert!(command.is_due(14_000), "a restart has ended what it was at");
        command.sent(RETRY, 14_000);
        command.back(Again::LoggedIn, 25_000);
        assert!(!command.is_due(25_000), "once");
    }
}

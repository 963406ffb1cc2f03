//! Whether a command that stays unanswered may be published again: its answer may have been lost, and the pile may
//! have done it.

use super::Downlink;

/// What publishing a command again, under the same reqid, does to a pile that has had it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Nothing new: doing it twice is doing it once.
    Yes,
    /// Nothing new, but the pile needs minutes for it, so its silence says little for as long.
    Slowly,
    /// Something else than doing it once.
    Never,
}

impl Downlink {
    /// Whether this command may be published again.
    pub const fn repeat(&self) -> Repeat {
        match self {
            // Reading changes nothing; writing the same values again changes nothing either.
            Self::QueryConfiguration(_) | Self::QuerySim(_) | Self::QueryVersions(_) | Self::Configure(_) => {
                Repeat::Yes
            }
            // Out of service, in service, quiet, loud: a state is set, not switched.
            Self::DisablePile(_)
            | Self::EnablePile(_)
            | Self::StopOperations(_)
            | Self::ResumeOperations(_) => Repeat::Yes,
            // The time is that of each publish.
            Self::SetClock(_) => Repeat::Yes,
            // The same file to the same place.
            Self::Download(_) | Self::SummonLog(_) => Repeat::Slowly,
            // Each restarts something: a charge may have begun since the first time.
            Self::Restart(_) | Self::UpdateAndRestart(_) | Self::SelfHeal(_) => Repeat::Never,
            // The pile may be elsewhere, or somebody else, by then: the second one would move another.
            Self::ChangeMaster(_) | Self::ChangeUuid(_) => Repeat::Never,
            // Counters are increments since the last confirmation: asked twice before it, they would come twice.
            Self::PollKeyComponents(_) => Repeat::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_restarts_or_moves_a_pile_is_never_repeated() {
        let repeat = |json: &str| Downlink::parse(json.as_bytes()).unwrap().1.repeat();
        for command in ["重启", "更新程序并重启", "无感自愈", "关键器件动作"] {
            assert_eq!(
                repeat(&format!(r#"{{"命令":"{command}"}}"#)),
                Repeat::Never,
                "{command}"
            );
        }
        assert_eq!(repeat(r#"{"命令":"SIM卡召唤"}"#), Repeat::Yes);
        assert_eq!(repeat(r#"{"命令":"日志召唤"}"#), Repeat::Slowly);
    }
}

//! The words that stand in the columns of the `ota_campaign` tables.

/// An enum whose variants are words in a column.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident $word:literal $chinese:literal ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[$variant_meta])* $variant ),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word in the column.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The word for people, Chinese.
            pub const fn chinese(self) -> &'static str {
                match self { $($name::$variant => $chinese),+ }
            }

            /// Reads the word; none if a newer program wrote it.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// Where a campaign stands.
    CampaignState {
        /// Being prepared; the web server's.
        Draft "draft" "草稿",
        /// Updating or soaking, in its present stage.
        Running "running" "进行中",
        /// Stopped by people: no pile is begun; what has been begun ends.
        Paused "paused" "已暂停",
        /// Stopped by its safety rail or its failure budget; goes on only when somebody says so.
        Halted "halted" "已熔断",
        /// The updated piles go back to the previous package.
        RollingBack "rolling_back" "回退中",
        /// Final: every stage done.
        Finished "finished" "已完成",
        /// Final: given up by people or by its deadline.
        Aborted "aborted" "已中止",
        /// Final: gone back.
        RolledBack "rolled_back" "已回退",
    }
}

impl CampaignState {
    /// Whether nothing happens any more (going back can still be asked for).
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Aborted | Self::RolledBack)
    }
}

words! {
    /// Where a pile of a campaign stands.
    PileState {
        /// Its stage has not begun.
        Waiting "waiting" "等待阶段",
        /// May begin: waits for a maintenance window, to be online, to be idle, and for its turn.
        Eligible "eligible" "待下载",
        /// 下载 has been sent.
        Downloading "downloading" "下载中",
        /// Has the package: waits for a window and to be idle.
        Downloaded "downloaded" "已下载",
        /// 更新程序并重启 has been sent.
        Updating "updating" "更新中",
        /// It took the update, or gave no answer: its login must tell.
        AwaitingLogin "awaiting_login" "待登录",
        /// Logged in with the wanted version: a good charge is missing.
        Soaking "soaking" "观察中",
        /// Final: logged in with the wanted version and charged.
        Succeeded "succeeded" "成功",
        /// Final: logged in with the wanted version, but nobody charged there during the soak.
        SucceededUncharged "succeeded_uncharged" "成功未充电",
        /// Final: it said no, or came back with another version.
        Failed "failed" "失败",
        /// Final: never begun, or withdrawn before the update.
        Skipped "skipped" "跳过",
        /// Final: a step's deadline passed.
        TimedOut "timed_out" "超时",
        /// Final: back on the previous version.
        RolledBack "rolled_back" "已回退",
        /// Final: held back for comparison.
        Control "control" "对照组",
    }
}

impl PileState {
    /// Whether the pile stays so.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded
                | Self::SucceededUncharged
                | Self::Failed
                | Self::Skipped
                | Self::TimedOut
                | Self::RolledBack
                | Self::Control
        )
    }

    /// Whether a command is, or may be, at work on the pile.
    pub const fn in_flight(self) -> bool {
        matches!(self, Self::Downloading | Self::Updating | Self::AwaitingLogin)
    }

    /// Whom the state waits for.
    pub const fn owner(self) -> Option<Owner> {
        Some(match self {
            Self::Waiting => Owner::Campaign,
            Self::Eligible | Self::Downloaded => Owner::Window,
            Self::Downloading | Self::Updating | Self::AwaitingLogin => Owner::Pile,
            Self::Soaking => Owner::Driver,
            _ => return None,
        })
    }
}

words! {
    /// Whom a pile's state waits for.
    Owner {
        /// The stage before.
        Campaign "campaign" "任务阶段",
        /// A maintenance window, an idle and connected pile, a free place.
        Window "window" "维护窗口",
        /// The pile's answer or login.
        Pile "pile" "桩",
        /// Somebody who charges there.
        Driver "driver" "充电用户",
    }
}

words! {
    /// What the lot made of a pile.
    Arm {
        /// Gets the package.
        Update "update" "升级",
        /// Is held back for comparison.
        Control "control" "对照",
    }
}

words! {
    /// In which direction a pile goes.
    Phase {
        /// To the new package.
        Update "update" "升级",
        /// Back to the previous one.
        Rollback "rollback" "回退",
    }
}

words! {
    /// What people ask of a campaign.
    Request {
        /// From draft to running.
        Start "start" "启动",
        /// From running to paused.
        Pause "pause" "暂停",
        /// From paused or halted to running.
        Resume "resume" "继续",
        /// Give it up; what has been begun ends.
        Abort "abort" "中止",
        /// Back to the previous package.
        Rollback "rollback" "回退",
    }
}

words! {
    /// Of what kind an event is.
    EventKind {
        /// Asked by people.
        Request "request" "请求",
        /// The campaign's state changed.
        State "state" "状态",
        /// A stage or its soak began.
        Stage "stage" "阶段",
        /// The safety rail said something.
        Rail "rail" "检验",
        /// Anything else.
        Note "note" "说明",
    }
}

words! {
    /// What the safety rail compares.
    Measure {
        /// Failed starts of all starts.
        BootFailures "boot_failures" "启动失败率",
        /// Offline samples of all samples.
        Offline "offline" "离线时间",
        /// Warnings per pile-hour.
        Warnings "warnings" "告警",
        /// SIM traffic, bytes per pile-day.
        Traffic "traffic" "SIM流量",
        /// Not a measure: a sample of who is offline, of which [`Measure::Offline`] is made.
        Presence "presence" "在线采样",
    }
}

words! {
    /// What a look at a measure says.
    Verdict {
        /// Not shown to be worse.
        Fine "fine" "正常",
        /// Worse beyond the bound.
        Worse "worse" "变差",
        /// Too little data to say anything.
        NoData "no_data" "数据不足",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_variants() {
        for state in PileState::ALL {
            assert_eq!(PileState::parse(state.as_str()), Some(*state));
        }
        for state in CampaignState::ALL {
            assert_eq!(CampaignState::parse(state.as_str()), Some(*state));
        }
        assert_eq!(PileState::parse("成功"), None);
    }

    #[test]
    fn every_state_that_is_not_final_waits_for_somebody() {
        for state in PileState::ALL {
            assert_eq!(state.is_final(), state.owner().is_none(), "{state:?}");
        }
    }
}

//! What the platform asks of a pile. One file per command; [`Downlink`] is the register of them all.
//! The pile answers each with its 命令 and `应答`.

mod change_master;
mod change_uuid;
mod configure;
mod disable_pile;
mod download;
mod enable_pile;
mod poll_key_components;
mod query_configuration;
mod query_sim;
mod query_versions;
mod repeat;
mod restart;
mod resume_operations;
mod self_heal;
mod set_clock;
mod setting;
mod stop_operations;
mod summon_log;
mod update_and_restart;

pub use change_master::ChangeMaster;
pub use change_uuid::ChangeUuid;
pub use configure::Configure;
pub use disable_pile::DisablePile;
pub use download::{Download, FileType};
pub use enable_pile::EnablePile;
pub use poll_key_components::PollKeyComponents;
pub use query_configuration::QueryConfiguration;
pub use query_sim::QuerySim;
pub use query_versions::QueryVersions;
pub use repeat::Repeat;
pub use restart::Restart;
pub use resume_operations::ResumeOperations;
pub use self_heal::SelfHeal;
pub use set_clock::SetClock;
pub use setting::Setting;
pub use stop_operations::StopOperations;
pub use summon_log::SummonLog;
pub use update_and_restart::UpdateAndRestart;

use crate::envelope::payloads;

payloads! {
    /// A command to a pile.
    Downlink {
        Download => "下载",
        UpdateAndRestart => "更新程序并重启",
        SummonLog => "日志召唤",
        ChangeMaster => "更新主站",
        Configure => "参数配置",
        QueryConfiguration => "参数查询",
        QuerySim => "SIM卡召唤",
        QueryVersions => "软件版本查询",
        Restart => "重启",
        DisablePile => "桩禁用",
        EnablePile => "桩启用",
        SelfHeal => "无感自愈",
        StopOperations => "关闭运维",
        ResumeOperations => "开启运维",
        PollKeyComponents => "关键器件动作",
        ChangeUuid => "更新ID",
        SetClock => "对时",
    }
}

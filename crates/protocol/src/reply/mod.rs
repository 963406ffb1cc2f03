//! What the platform answers to a pile's messages. One file per reply; [`Reply`] is the register of them.

mod boot_failed;
mod event;
mod key_component;
mod login;
mod register;
mod trade_record;

pub use boot_failed::BootFailedConfirmation;
pub use event::EventConfirmation;
pub use key_component::KeyComponentConfirmation;
pub use login::LoginReply;
pub use register::RegisterResult;
pub use trade_record::TradeRecordConfirmation;

use crate::envelope::payloads;

payloads! {
    /// A reply to a pile, under the reqid of the message it answers.
    Reply {
        LoginReply => "登录应答",
        EventConfirmation => "事件确认",
        TradeRecordConfirmation => "充电记录确认",
        BootFailedConfirmation => "启动失败原因确认",
        KeyComponentConfirmation => "关键器件动作确认",
        RegisterResult => "注册结果",
    }
}

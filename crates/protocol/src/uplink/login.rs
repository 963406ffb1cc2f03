//! 登录: a pile is there, and says what it is. Answered by 登录应答, which sets its clock.

use std::borrow::Cow;

use super::message::message;

message! {
    /// 登录
    Login {
        /// `软件版本`
        software_version: Cow<'a, str> => text = "软件版本",
        /// `硬件版本`
        hardware_version: Cow<'a, str> => text = "硬件版本",
        /// `型号`
        model: Cow<'a, str> => text = "型号",
        /// `出厂编号`, the factory serial number
        serial_number: Cow<'a, str> => text = "出厂编号",
        /// `枪数量`
        gun_count: u8 => integer = "枪数量",
        /// `SIM卡号`, the ICCID
        sim: Cow<'a, str> => text = "SIM卡号",
        /// `运营商`, the mobile operator
        operator: Cow<'a, str> => text = "运营商",
        /// `信号强度_dBm`
        signal_dbm: i16 => integer = "信号强度_dBm",
    }
}

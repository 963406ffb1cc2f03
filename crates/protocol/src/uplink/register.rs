//! 注册申请: a TCU without a uuid asks for one. It comes on the registration topic.

use std::borrow::Cow;

use super::message::message;

message! {
    /// 注册申请
    Register {
        /// `出厂编号`, the factory serial number
        serial_number: Cow<'a, str> => text = "出厂编号",
        /// `型号`
        model: Cow<'a, str> => text = "型号",
        /// `合同号`
        contract: Cow<'a, str> => text = "合同号",
        /// `软件版本`
        software_version: Cow<'a, str> => text = "软件版本",
        /// `SIM卡号`, the ICCID
        sim: Cow<'a, str> => text = "SIM卡号",
    }
}

//! `login_record`: a pile introduced itself (登录).

use crate::rowbinary::table_row;

table_row! {
    crate::Table::LoginRecord;
    /// One login.
    pub struct LoginRecord<'a> {
        /// Ordering time, Unix ms: `pile_time`, or `recv_time` where the pile's clock is skewed.
        pub timestamp: i64,
        /// 系统时间, Unix ms; 0 = absent.
        pub pile_time: i64,
        /// When the platform received it, Unix ms.
        pub recv_time: i64,
        /// 1 = the pile's clock was more than 24 h off.
        pub clock_skew: u8,
        /// The pile.
        pub device_id: u64,
        /// The uuid with which it spoke.
        pub uuid: &'a str,
        /// The message's reqid.
        pub reqid: u32,
        /// 软件版本.
        pub software_version: &'a str,
        /// 硬件版本.
        pub hardware_version: &'a str,
        /// 型号.
        pub model: &'a str,
        /// 出厂编号.
        pub sn: &'a str,
        /// 枪数量.
        pub gun_count: u8,
        /// SIM卡号 (ICCID).
        pub sim: &'a str,
        /// 运营商.
        pub mvno: &'a str,
        /// 信号强度, dBm.
        pub signal_dbm: Option<i16>,
    }
}

//! `key_component_action_count`: how often a contactor, breaker, … switched since the last confirmed answer
//! (关键器件动作应答). The counts are increments that staff add up without FINAL.

use crate::rowbinary::table_row;

table_row! {
    crate::Table::KeyComponentActionCount;
    /// One component's increments. Identity: pile, zone, component, `pile_time`.
    pub struct KeyComponentActionCount<'a> {
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
        /// 数据分区.
        pub device_zone: &'a str,
        /// 器件类型.
        pub key_component_name: &'a str,
        /// 正常次数, since the last confirmed answer.
        pub switching_cycles: u64,
        /// 异常次数, since the last confirmed answer.
        pub abnormal_switching_cycles: u64,
        /// The message's reqid.
        pub reqid: u32,
    }
}

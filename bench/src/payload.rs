//! What piles send, for measuring.

use bytes::Bytes;
use protocol::{Uuid, time};

/// The field's sample of 运行数据 version 3, 435 bytes, with this time and these readings.
pub(crate) fn run_data(reqid: u32, at_ms: i64) -> Bytes {
    let time = time::format(at_ms);
    let volts = 239_000 + reqid % 1000;
    let text = format!(
        "{{\"命令\":\"运行数据\",\"reqid\":{},\"数据分区\":\"1枪数据\",\"系统时间\":\"{time}\",\"状态数据\":[\
         {{\"名称\":\"工作状态\",\"值\":\"空闲\"}},{{\"名称\":\"车辆连接状态\",\"值\":\"已插枪\"}},\
         {{\"名称\":\"电压_V\",\"值\":\"{}.{:03}\"}},{{\"名称\":\"电流_A\",\"值\":\"0.002\"}},\
         {{\"名称\":\"已充电量\",\"值\":\"0.002\"}},{{\"名称\":\"已充时间\",\"值\":\"0\"}},\
         {{\"名称\":\"SOC\",\"值\":\"0\"}},{{\"名称\":\"电表读数_度\",\"值\":\"19.754\"}}]}}",
        reqid % 10,
        volts / 1000,
        volts % 1000,
    );
    debug_assert_eq!(text.len(), 435);
    Bytes::from(text)
}

/// The uuid of pile number `n`.
pub(crate) fn uuid(n: u64) -> Uuid {
    Uuid::from_counter(n).expect("a small number")
}

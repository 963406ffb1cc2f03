-- pile_time ends the key, because events of a skewed clock are ordered by when they came: two that came in one
-- millisecond must not replace each other. The index finds known events among the skewed rows: at 20 M rows with
-- 0.1 % of the piles skewed, 1,000 events that are not there cost 8 ms (bloom_filter 30, no index 250).
CREATE TABLE IF NOT EXISTS key_component_action_count {on_cluster}
(
    timestamp Int64 COMMENT '排序时间, 毫秒 Ordering time, Unix ms: pile_time, or recv_time where the clock is skewed' CODEC(Delta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    device_id UInt64 COMMENT '桩 The pile',
    device_zone String COMMENT '数据分区 Data zone',
    key_component_name String COMMENT '器件类型 Component, such as 直流输出接触器',
    switching_cycles UInt64 COMMENT '正常动作次数增量 Switching cycles since the last confirmed answer',
    abnormal_switching_cycles UInt64 COMMENT '异常动作次数增量 Abnormal ones since the last confirmed answer',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    INDEX skewed if(clock_skew = 1, pile_time, 0) TYPE set(256) GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (timestamp, device_id, device_zone, key_component_name, pile_time)
SETTINGS {deduplication}
COMMENT '关键器件动作次数 How often key components switched; increments, added up without FINAL'

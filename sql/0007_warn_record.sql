CREATE TABLE IF NOT EXISTS warn_record {on_cluster}
(
    timestamp Int64 COMMENT '发生的排序时间, 毫秒 Ordering time of the occurrence, Unix ms; the same in every version of a warning' CODEC(Delta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    recv_time Int64 COMMENT '版本, 接收时间, 毫秒 Version: received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    device_id UInt64 COMMENT '桩 The pile',
    device_zone LowCardinality(String) COMMENT '数据分区 Data zone',
    warn_code LowCardinality(String) COMMENT '告警代码 Code',
    warn_name LowCardinality(String) COMMENT '告警名称 Name',
    warn_level UInt8 COMMENT '告警级别, 0=未定义 Level of warn_level_def, 0 = not defined',
    warn_class LowCardinality(String) COMMENT '告警分类 Class of warn_class_def',
    state Enum8('发生' = 1, '恢复' = 2) COMMENT '状态 Raised or recovered',
    source Enum8('桩' = 1, '平台' = 2) COMMENT '来源 Noticed by the pile or by the platform',
    generate_time Int64 COMMENT '产生时间, 毫秒 Raised, Unix ms',
    recover_time Int64 COMMENT '恢复时间, 毫秒 Recovered, Unix ms, 0 = still open',
    count UInt32 COMMENT '合并次数 Occurrences folded into this warning',
    extra String COMMENT '附加信息 Further information' CODEC(ZSTD(1)),
    reqid UInt32 COMMENT '报文编号 The message reqid'
)
ENGINE = {engine:ReplacingMergeTree(recv_time)}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, device_zone, warn_code, generate_time)
SETTINGS {deduplication}
COMMENT '告警记录 Warnings of piles and of the platform; one row per warning, replaced by version'

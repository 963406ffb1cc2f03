CREATE TABLE IF NOT EXISTS login_record {on_cluster}
(
    timestamp Int64 COMMENT '排序时间, 毫秒 Ordering time, Unix ms: pile_time, or recv_time where the clock is skewed' CODEC(Delta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 The uuid with which it spoke',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    software_version LowCardinality(String) COMMENT '软件版本 Software version',
    hardware_version LowCardinality(String) COMMENT '硬件版本 Hardware version',
    model LowCardinality(String) COMMENT '型号 Model',
    sn String COMMENT '出厂编号 Factory serial number',
    gun_count UInt8 COMMENT '枪数量 Number of guns',
    sim String COMMENT 'SIM卡号 ICCID',
    mvno LowCardinality(String) COMMENT '运营商 Mobile operator',
    signal_dbm Nullable(Int16) COMMENT '信号强度, dBm Signal, dBm'
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, timestamp, reqid, sn, pile_time)
SETTINGS {deduplication}
COMMENT '登录记录 Logins'

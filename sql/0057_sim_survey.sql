CREATE TABLE IF NOT EXISTS sim_survey {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 The uuid with which it spoke',
    caller String COMMENT '请求标识 The mark of the command',
    read_time Int64 COMMENT '应答时间, 毫秒 Answered, Unix ms',
    iccid String COMMENT 'SIM卡号 ICCID',
    imsi String COMMENT 'IMSI 号 IMSI',
    mvno LowCardinality(String) COMMENT '运营商 Mobile operator',
    signal_dbm Nullable(Int16) COMMENT '信号强度, dBm Signal, dBm',
    answer String COMMENT '应答, JSON The answer, JSON'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (device_id, caller)
SETTINGS {deduplication}
COMMENT 'SIM卡普查 What piles said about their SIM cards; one row per answer'

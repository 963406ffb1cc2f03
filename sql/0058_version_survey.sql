CREATE TABLE IF NOT EXISTS version_survey {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 The uuid with which it spoke',
    caller String COMMENT '请求标识 The mark of the command',
    read_time Int64 COMMENT '应答时间, 毫秒 Answered, Unix ms',
    software_version LowCardinality(String) COMMENT '软件版本 Software version of the TCU',
    hardware_version LowCardinality(String) COMMENT '硬件版本 Hardware version of the TCU',
    parts String COMMENT '子设备的版本, JSON Versions of sub-devices, JSON',
    answer String COMMENT '应答, JSON The answer, JSON'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (device_id, caller)
SETTINGS {deduplication}
COMMENT '版本普查 What piles said about the versions of their parts; one row per answer'

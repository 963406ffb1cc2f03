CREATE TABLE IF NOT EXISTS clock_survey {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 The uuid with which it spoke',
    caller String COMMENT '请求标识 The mark of the command',
    read_time Int64 COMMENT '应答时间, 毫秒 Answered by the platform''s clock, Unix ms',
    command LowCardinality(String) COMMENT '命令 Command that was answered; 对时 has set the clock before',
    pile_time Int64 COMMENT '桩的系统时间, 毫秒 By the pile''s clock, Unix ms',
    difference_ms Int64 COMMENT '桩时钟减平台时钟, 毫秒 Pile''s clock less the platform''s, ms'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (device_id, caller)
SETTINGS {deduplication}
COMMENT '时钟普查 How far the clocks of piles were off when they answered'

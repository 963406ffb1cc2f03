CREATE TABLE IF NOT EXISTS command_record {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩 The pile',
    created_time Int64 COMMENT '下达时间, 毫秒 Asked for, Unix ms' CODEC(Delta, ZSTD(1)),
    reqid UInt32 COMMENT '报文编号 The command reqid',
    command LowCardinality(String) COMMENT '命令 Command',
    state Enum8('queued' = 1, 'sent' = 2, 'answered' = 3, 'failed' = 4, 'timed_out' = 5, 'cancelled' = 6) COMMENT '状态 Where it stands',
    source LowCardinality(String) COMMENT '来源 Who asked: a service, a user, 外部 = published by hand',
    sent_time Int64 COMMENT '发送时间, 毫秒 Taken by the broker, Unix ms, 0 = not yet',
    answered_time Int64 COMMENT '应答时间, 毫秒 Answered, Unix ms, 0 = not yet',
    deadline Int64 COMMENT '截止时间, 毫秒 An answer counts until then, Unix ms, 0 = no deadline',
    result LowCardinality(String) COMMENT '结果 Result',
    reason String COMMENT '失败原因 Why it failed',
    progress UInt8 COMMENT '下载进度, % Download progress, percent',
    request String COMMENT '下行报文 The command as sent, JSON, without passwords' CODEC(ZSTD(3)),
    answer String COMMENT '应答报文 The answer as received, JSON' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
PARTITION BY toYYYYMM(toDateTime(intDiv(created_time, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, created_time, reqid, command)
SETTINGS {deduplication}
COMMENT '命令记录 Downlink commands and what became of them; one row per command, replaced by version'

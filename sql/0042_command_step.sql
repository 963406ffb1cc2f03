CREATE TABLE IF NOT EXISTS command_step {on_cluster}
(
    timestamp Int64 COMMENT '时间, 毫秒; 同一命令逐步递增 When, Unix ms; rises from step to step of one command' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩 The pile',
    created_time Int64 COMMENT '下达时间, 毫秒 When the command was asked for, Unix ms' CODEC(Delta, ZSTD(1)),
    reqid UInt32 COMMENT '报文编号 The command reqid',
    command LowCardinality(String) COMMENT '命令 Command',
    caller String COMMENT '请求标识, 空=无 The mark of whoever asked; empty = none',
    state Enum8('queued' = 1, 'sent' = 2, 'answered' = 3, 'failed' = 4, 'timed_out' = 5, 'cancelled' = 6) COMMENT '此步之后的状态 Where the command stands after this step',
    attempt UInt8 COMMENT '第几次下发, 0=尚未下发 Which publish to the pile, 0 = none yet',
    progress UInt8 COMMENT '进度, % Progress, percent',
    result LowCardinality(String) COMMENT '结果 Result, as the pile said it',
    reason String COMMENT '原因或说明 Why, or what the pile said'
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(created_time, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, created_time, reqid, command, timestamp)
SETTINGS {deduplication}
COMMENT '命令过程 Every step of every command, in order: its timeline'

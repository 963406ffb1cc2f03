CREATE TABLE IF NOT EXISTS command_batch_pile {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    batch_id UInt64 COMMENT '批次编号 The batch',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 The uuid with which it is asked',
    state LowCardinality(String) COMMENT '状态 State: waiting, queued, sent, answered, failed, timed_out, cancelled, refused',
    reason String COMMENT '失败原因 Why it failed',
    caller String COMMENT '请求标识 The mark under which it is asked',
    request String COMMENT '这台桩自己的字段, JSON Fields for this pile alone, JSON, empty = those of the batch',
    due_time Int64 COMMENT '不早于, 毫秒 Not to be asked before, Unix ms, 0 = at once',
    asked_time Int64 COMMENT '下达时间, 毫秒 Asked, Unix ms, 0 = not yet',
    finished_time Int64 COMMENT '结束时间, 毫秒 Final since, Unix ms, 0 = not yet'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (batch_id, device_id)
SETTINGS {deduplication}
COMMENT '批量命令的桩 The piles of a batch and what became of each'

CREATE TABLE IF NOT EXISTS schedule_run {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    schedule_id UInt64 COMMENT '任务编号 The schedule',
    planned_time Int64 COMMENT '计划时间, 毫秒 When it was due, Unix ms',
    started_time Int64 COMMENT '实际时间, 毫秒 When it was made, Unix ms',
    state LowCardinality(String) COMMENT '状态 State: started, empty, skipped, failed',
    batch_id UInt64 COMMENT '批次编号 The batch, 0 = none',
    chosen UInt32 COMMENT '选中的桩数 Piles chosen',
    skipped UInt32 COMMENT '因离线跳过的桩数 Of them left out because they were offline',
    reason String COMMENT '说明 Why it failed, or what was missed'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (schedule_id, planned_time)
SETTINGS {deduplication}
COMMENT '定时任务的执行 Runs of recurring commands'

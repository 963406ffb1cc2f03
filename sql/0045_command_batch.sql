CREATE TABLE IF NOT EXISTS command_batch {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    batch_id UInt64 COMMENT '批次编号 The batch',
    name String COMMENT '名称 Its name for people',
    kind LowCardinality(String) COMMENT '种类 Kind: manual, schedule, template',
    command LowCardinality(String) COMMENT '命令 Command',
    request String COMMENT '命令的字段, JSON The command''s fields, JSON, without passwords',
    source String COMMENT '来源 Who asks, as in command_record',
    rate_per_s UInt32 COMMENT '每秒下达的桩数 Piles asked per second, 0 = the connector''s own limit',
    timeout_s UInt32 COMMENT '每条命令的期限, 秒 How long each command may take, s',
    state LowCardinality(String) COMMENT '状态 State: pending, running, paused, cancelled, finished',
    total UInt32 COMMENT '桩数 Number of piles',
    organization_id UInt64 COMMENT '所属机构 Organization whose people see it, 0 = all',
    created_by String COMMENT '创建人账号 Account of whoever made it',
    created_time Int64 COMMENT '创建时间, 毫秒 Made, Unix ms',
    finished_time Int64 COMMENT '全部桩有结局的时间, 毫秒 Every pile has an outcome since, Unix ms, 0 = not yet',
    origin_id UInt64 COMMENT '由哪个定时任务或参数模板而来 The schedule or template it comes from, 0 = none'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY batch_id
SETTINGS {deduplication}
COMMENT '批量命令 Commands for many piles: what is asked of them, and whether it runs'

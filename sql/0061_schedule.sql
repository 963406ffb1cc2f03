CREATE TABLE IF NOT EXISTS schedule {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    schedule_id UInt64 COMMENT '任务编号 The schedule',
    name String COMMENT '名称 Its name',
    command LowCardinality(String) COMMENT '命令 Command: 关键器件动作, SIM卡召唤, 对时, 软件版本查询, 参数查询',
    request String COMMENT '命令的字段, JSON The command''s fields, JSON',
    cron String COMMENT 'Cron表达式, 东八区 Cron expression, Asia/Shanghai',
    spread_s UInt32 COMMENT '分散到多少秒内 The piles are spread over this many seconds; a pile keeps its place',
    selection String COMMENT '选桩条件, JSON Which piles, JSON',
    skip_offline UInt8 COMMENT '1=跳过离线的桩 1 = piles that are offline are left out',
    rate_per_s UInt32 COMMENT '每秒下达的桩数 Piles asked per second, 0 = the connector''s own limit',
    timeout_s UInt32 COMMENT '每条命令的期限, 秒 How long each command may take, s',
    enabled UInt8 COMMENT '1=启用 1 = runs',
    organization_id UInt64 COMMENT '所属机构 Organization whose people see it, 0 = all',
    created_by String COMMENT '创建人账号 Account of whoever made it',
    created_time Int64 COMMENT '创建时间, 毫秒 Made, Unix ms; nothing before it was missed'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY schedule_id
SETTINGS {deduplication}
COMMENT '定时任务 Recurring commands'

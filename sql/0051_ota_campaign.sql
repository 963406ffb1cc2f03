CREATE TABLE IF NOT EXISTS ota_campaign {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    campaign_id UInt64 COMMENT '升级任务编号 The campaign',
    name String COMMENT '名称 Its name',
    organization_id UInt64 COMMENT '所属单位 Organization it belongs to',
    package_id UInt64 COMMENT '升级包 Package that is rolled out',
    version String COMMENT '目标软件版本 Software version that a pile must log in with afterwards',
    rollback_package_id UInt64 COMMENT '回退包, 0=无 Package to go back to, 0 = none',
    rollback_version String COMMENT '回退后的软件版本 Software version after going back',
    plan String COMMENT '计划, JSON Plan: stages, windows, deadlines, safety rail' CODEC(ZSTD(1)),
    state LowCardinality(String) COMMENT '状态 draft, running, paused, halted, rolling_back, finished, aborted, rolled_back',
    stage UInt8 COMMENT '当前阶段, 0=金丝雀 Present stage, 0 = canary',
    stage_since Int64 COMMENT '本阶段开始, 毫秒 Present stage began, Unix ms',
    soak_since Int64 COMMENT '观察期开始, 毫秒, 0=未开始 Its soak began, Unix ms, 0 = not yet',
    looks UInt32 COMMENT '本阶段已检验次数 Looks of the safety rail in this stage',
    forgiven UInt32 COMMENT '继续时已认可的失败桩数 Failures that did not count any more when it was resumed',
    reason String COMMENT '处于该状态的原因 Why it is in this state',
    figures String COMMENT '暂停依据的数据, JSON Figures behind a halt' CODEC(ZSTD(1)),
    total UInt32 COMMENT '桩数 Piles in it',
    created_by String COMMENT '创建人 Who made it',
    created_time Int64 COMMENT '创建时间, 毫秒 Made, Unix ms',
    started_time Int64 COMMENT '启动时间, 毫秒, 0=未启动 Started, Unix ms, 0 = not yet',
    finished_time Int64 COMMENT '结束时间, 毫秒, 0=未结束 Ended, Unix ms, 0 = not yet',
    deadline Int64 COMMENT '最迟结束, 毫秒, 0=未启动 Ends by itself at the latest, Unix ms, 0 = not started'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY campaign_id
COMMENT '升级任务 OTA campaigns'

CREATE TABLE IF NOT EXISTS ota_campaign_figure {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    campaign_id UInt64 COMMENT '升级任务编号 The campaign',
    stage UInt8 COMMENT '阶段, 0=金丝雀 Stage, 0 = canary',
    measure LowCardinality(String) COMMENT '指标 boot_failures, offline, warnings, traffic; presence = a sample of who is offline',
    look_time Int64 COMMENT '检验时间, 毫秒 When it was looked at, Unix ms',
    look UInt32 COMMENT '本阶段第几次检验, 从1起 Which look of the stage, from 1',
    since Int64 COMMENT '数据起点, 毫秒 Data counted since, Unix ms',
    updated_piles UInt32 COMMENT '已升级桩数 Updated piles with data',
    updated_events Float64 COMMENT '已升级桩的事件量 Their events: failed starts, offline samples, warnings, bytes',
    updated_exposure Float64 COMMENT '已升级桩的基数 Of how much: starts, samples, pile-hours, pile-days',
    control_piles UInt32 COMMENT '对照桩数 Control piles with data',
    control_events Float64 COMMENT '对照桩的事件量 Their events',
    control_exposure Float64 COMMENT '对照桩的基数 Of how much',
    excess Float64 COMMENT '超出量 Events of the updated piles above what is expected of them',
    p_value Float64 COMMENT 'p值 p-value of the randomization test, one-sided',
    bound Float64 COMMENT '界限 Error probability spent on this look; worse when the p-value is not above it',
    verdict LowCardinality(String) COMMENT '结论 fine, worse, no_data',
    piles Array(UInt64) COMMENT '仅presence: 离线的桩 Only of presence: the piles that were offline'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (campaign_id, stage, measure, look_time)
COMMENT '升级任务的安全检验 Looks of the safety rail of OTA campaigns'

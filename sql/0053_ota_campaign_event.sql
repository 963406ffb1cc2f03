CREATE TABLE IF NOT EXISTS ota_campaign_event {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    campaign_id UInt64 COMMENT '升级任务编号 The campaign',
    event_id UInt64 COMMENT '事件编号 The event, unique in the campaign',
    event_time Int64 COMMENT '发生时间, 毫秒 When, Unix ms',
    kind LowCardinality(String) COMMENT '类别 request (by people), state, stage, rail, note',
    action LowCardinality(String) COMMENT '动作 Of a request: start, pause, resume, abort, rollback; else what happened',
    source String COMMENT '由谁 Who: an account, or connector',
    outcome LowCardinality(String) COMMENT '请求的处理 Of a request: empty = not looked at yet, done, refused',
    text String COMMENT '说明 What happened and why' CODEC(ZSTD(1)),
    data String COMMENT '数据, JSON Figures behind it' CODEC(ZSTD(1))
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (campaign_id, event_id)
COMMENT '升级任务的请求与决定 Requests to OTA campaigns and their decisions'

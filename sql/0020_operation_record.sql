CREATE TABLE IF NOT EXISTS operation_record {on_cluster}
(
    timestamp Int64 COMMENT '操作时间, 毫秒 When, Unix ms' CODEC(Delta, ZSTD(1)),
    operation_id UInt64 COMMENT '操作编号 The operation',
    user_id UInt64 COMMENT '操作人 Who',
    account String COMMENT '操作人账号 That person''s account then',
    address String COMMENT '来源地址 From where, IP address',
    operation LowCardinality(String) COMMENT '操作 What was done: the path of the interface',
    resource LowCardinality(String) COMMENT '对象类型 Kind of thing: the table',
    resource_id String COMMENT '对象编号 Which one: its key',
    before String COMMENT '操作前, JSON Before, JSON' CODEC(ZSTD(3)),
    after String COMMENT '操作后, JSON After, JSON' CODEC(ZSTD(3)),
    result LowCardinality(String) COMMENT '结果 Outcome'
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (timestamp, operation_id)
SETTINGS {deduplication}
COMMENT '操作记录 Every change made by people'

CREATE TABLE IF NOT EXISTS quarantine {on_cluster}
(
    recv_time Int64 COMMENT '接收或拒收时间, 毫秒 Received, or refused by the database, Unix ms' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩, 0=未知 The pile, 0 = unknown',
    uuid String COMMENT '通信编号 The uuid of the topic',
    topic String COMMENT '主题 Topic',
    table_name LowCardinality(String) COMMENT '目标表 The table it was meant for',
    reason LowCardinality(String) COMMENT '原因 Why it is here',
    error String COMMENT '错误详情 The error in full' CODEC(ZSTD(1)),
    trade_id String COMMENT '交易流水号 Trade number, where it could be read',
    payload String COMMENT '原始报文或RowBinary行 The message as received, or the row in RowBinary' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(recv_time, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, trade_id, recv_time, uuid, table_name, reason, sipHash64(payload))
SETTINGS {deduplication}
COMMENT '隔离区: 未能入库而不可丢失的数据 What could not become a row but must not be lost'

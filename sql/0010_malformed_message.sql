CREATE TABLE IF NOT EXISTS malformed_message {on_cluster}
(
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩, 0=未知 The pile, 0 = unknown',
    uuid String COMMENT '通信编号 The uuid of the topic, or what stood in its place',
    topic String COMMENT '主题 Topic',
    reason LowCardinality(String) COMMENT '原因 Why it could not be read',
    offset UInt32 COMMENT '位置, 字节 Where, bytes from the start',
    size UInt32 COMMENT '报文长度, 字节 Size of the payload, bytes',
    sample String COMMENT '前4096字节 Its first 4096 bytes' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(recv_time, 1000), 'Asia/Shanghai'))
ORDER BY (uuid, recv_time, reason, offset, size)
SETTINGS {deduplication}
COMMENT '无法解析的报文样本 Samples of payloads that could not be read'

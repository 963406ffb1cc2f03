CREATE TABLE IF NOT EXISTS traffic_daily {on_cluster}
(
    day Date COMMENT '日期, 北京时间 Day in Shanghai',
    device_id UInt64 COMMENT '桩 The pile',
    command LowCardinality(String) COMMENT '命令 Command',
    direction Enum8('up' = 1, 'down' = 2) COMMENT '方向, up=桩到平台 Direction seen from the pile',
    messages UInt64 COMMENT '报文数 Messages',
    bytes UInt64 COMMENT '字节数 Bytes of topic and payload'
)
ENGINE = {engine:SummingMergeTree((messages, bytes))}
PARTITION BY toYYYYMM(day)
ORDER BY (device_id, day, command, direction)
SETTINGS {deduplication}
COMMENT '每日流量 Traffic per pile, day, command and direction; read with sum()'

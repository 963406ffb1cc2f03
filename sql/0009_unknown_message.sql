CREATE TABLE IF NOT EXISTS unknown_message {on_cluster}
(
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩, 0=未知 The pile, 0 = unknown',
    uuid String COMMENT '通信编号 The uuid of the topic',
    command String COMMENT '命令 Command',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    payload String COMMENT '原始报文 Payload as received' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(recv_time, 1000), 'Asia/Shanghai'))
ORDER BY (uuid, recv_time, command, reqid)
SETTINGS {deduplication}
COMMENT '未知报文 Messages whose command the platform does not know'

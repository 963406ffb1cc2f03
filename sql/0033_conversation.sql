CREATE TABLE IF NOT EXISTS conversation {on_cluster}
(
    recv_time Int64 COMMENT '收发时间, 毫秒 Received or sent by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    device_id UInt64 COMMENT '桩, 0=未知 The pile, 0 = unknown',
    uuid String COMMENT '通信编号 The uuid of the topic',
    direction Enum8('up' = 1, 'down' = 2) COMMENT '方向, up=桩到平台 Direction seen from the pile',
    topic LowCardinality(String) COMMENT '主题末段 Last part of the topic: msg, cmd, cmd_resp/…',
    command LowCardinality(String) COMMENT '命令 Command',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    trade_id String COMMENT '交易流水号 Trade number, where the message has one',
    sequence UInt32 COMMENT '同毫秒内序号 Order within one millisecond',
    payload String COMMENT '原始报文 Payload as received or sent' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(recv_time, 1000), 'Asia/Shanghai'))
ORDER BY (uuid, recv_time, direction, reqid, sequence)
SETTINGS {deduplication}
COMMENT '会话: 桩的全部收发报文 Every frame to and from a pile'

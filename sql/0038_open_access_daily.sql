CREATE TABLE IF NOT EXISTS open_access_daily {on_cluster}
(
    day Date COMMENT '日期, 北京时间 Day in Shanghai',
    uuid String COMMENT '通信编号 The uuid that was let in without a password',
    client_id String COMMENT '客户端标识 Client id it used',
    address String COMMENT '来源地址 Address it came from',
    connections UInt64 COMMENT '连接次数 Connections'
)
ENGINE = {engine:SummingMergeTree(connections)}
PARTITION BY toYYYYMM(day)
ORDER BY (day, uuid, client_id, address)
SETTINGS {deduplication}
COMMENT '免密接入统计 Who was let in without a password while the door was open; read with sum()'

CREATE TABLE IF NOT EXISTS log_content {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts' CODEC(Delta, ZSTD(1)),
    log_id UInt64 COMMENT '日志编号 The log',
    chunk UInt32 COMMENT '块号, 从0起 Number of the chunk, from 0',
    text String COMMENT '内容: 文本一律为UTF-8, 二进制为原文 Contents: text is UTF-8 whatever it was, a binary file is as it came' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (log_id, chunk)
SETTINGS {deduplication}, index_granularity = 32
COMMENT '日志内容: 按块 Contents of log files, in chunks'

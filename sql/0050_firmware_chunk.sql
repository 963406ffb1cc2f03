CREATE TABLE IF NOT EXISTS firmware_chunk {on_cluster}
(
    package_id UInt64 COMMENT '包编号 The package',
    chunk UInt32 COMMENT '块号, 从0起 Number of the chunk, from 0',
    content String COMMENT '内容, 原样 Contents as uploaded, 256 KiB a chunk but for the last' CODEC(NONE)
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (package_id, chunk)
SETTINGS {deduplication}, index_granularity = 8
COMMENT '程序包内容: 按块 Contents of firmware packages, in chunks'

CREATE TABLE IF NOT EXISTS pile_parameter {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    name String COMMENT '参数名称 Parameter',
    value String COMMENT '值 Its value',
    read_time Int64 COMMENT '读到的时间, 毫秒 When the pile said or took it, Unix ms',
    command LowCardinality(String) COMMENT '得自 From an answer to: 参数查询, 参数配置',
    caller String COMMENT '请求标识 The mark of that command'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (device_id, name)
SETTINGS {deduplication}
COMMENT '桩的参数 Parameters of piles, as last read or written'

CREATE TABLE IF NOT EXISTS warn_level {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    warn_code String COMMENT '告警代码 Code',
    level UInt8 COMMENT '级别 Level of warn_level_def'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY warn_code
COMMENT '告警级别: 按代码 Level of one code; goes before the level of its class'

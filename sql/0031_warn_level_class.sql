CREATE TABLE IF NOT EXISTS warn_level_class {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    class_id UInt64 COMMENT '分类 Class of warn_class_def',
    level UInt8 COMMENT '级别 Level of warn_level_def'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY class_id
COMMENT '告警级别: 按分类 Level of all codes of a class'

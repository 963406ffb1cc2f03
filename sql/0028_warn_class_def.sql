CREATE TABLE IF NOT EXISTS warn_class_def {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    class_id UInt64 COMMENT '分类编号 The class',
    class_name String COMMENT '分类名称 Its name',
    description String COMMENT '说明 Description'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY class_id
COMMENT '告警分类定义 Classes of warnings'

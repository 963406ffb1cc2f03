CREATE TABLE IF NOT EXISTS warn_name_table {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    warn_code String COMMENT '告警代码 Code',
    warn_name String COMMENT '告警名称 Name',
    class_id UInt64 COMMENT '分类, 0=无 Class of warn_class_def, 0 = none',
    description String COMMENT '说明 Description'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY warn_code
COMMENT '告警名称表 Names and classes of warning codes'

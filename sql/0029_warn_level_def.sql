CREATE TABLE IF NOT EXISTS warn_level_def {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    level UInt8 COMMENT '级别, 1最高 The level, 1 is the gravest',
    level_name String COMMENT '级别名称 Its name',
    color String COMMENT '颜色, #RRGGBB Colour on screens, #RRGGBB',
    description String COMMENT '说明 Description'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY level
COMMENT '告警级别定义 Levels of warnings'

CREATE TABLE IF NOT EXISTS device_model {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    model_id UInt64 COMMENT '型号编号 The model',
    model String COMMENT '型号名称 Its name'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY model_id
COMMENT '设备型号 Device models'

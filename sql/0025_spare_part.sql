CREATE TABLE IF NOT EXISTS spare_part {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    inbound_num UInt64 COMMENT '入库单号 The inbound entry',
    material_id UInt64 COMMENT '物料 Material',
    material_source String COMMENT '物料来源 Where it came from',
    bath String COMMENT '批次 Batch',
    key_parameter String COMMENT '关键参数 Key parameter',
    count UInt64 COMMENT '数量 How many',
    state LowCardinality(String) COMMENT '状态 State',
    user_id UInt64 COMMENT '经办人 Entered by'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY inbound_num
COMMENT '备件入库 Spare parts inbound'

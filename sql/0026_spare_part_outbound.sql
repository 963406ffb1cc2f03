CREATE TABLE IF NOT EXISTS spare_part_outbound {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    outbound_num UInt64 COMMENT '出库单号 The outbound entry',
    requisition_id UInt64 COMMENT '申领单, 0=无 Requisition, 0 = none',
    workorder_id UInt64 COMMENT '工单, 0=无 Work order, 0 = none',
    material_id UInt64 COMMENT '物料 Material',
    bath String COMMENT '批次 Batch',
    count UInt64 COMMENT '数量 How many',
    receiver String COMMENT '领用人 Who took it',
    state LowCardinality(String) COMMENT '状态 State',
    user_id UInt64 COMMENT '经办人 Entered by'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY outbound_num
COMMENT '备件出库 Spare parts outbound'

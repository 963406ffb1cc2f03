CREATE TABLE IF NOT EXISTS material_management {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    material_id UInt64 COMMENT '物料编号 The material',
    sap UInt64 COMMENT 'SAP物料号 SAP material number',
    material_type String COMMENT '物料类型 Kind',
    supplier String COMMENT '供应商 Supplier',
    material_model String COMMENT '物料型号 Model',
    prewarning_value UInt64 COMMENT '库存预警值 Stock at which to warn',
    amount UInt64 COMMENT '初始数量 Opening stock; the stock itself is the sum of movements'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY material_id
COMMENT '备品备件物料 Spare-part materials'

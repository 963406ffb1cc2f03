CREATE TABLE IF NOT EXISTS material_requisition {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    requisition_id UInt64 COMMENT '申领单号 The requisition',
    material_id UInt64 COMMENT '物料 Material',
    quantity UInt64 COMMENT '数量 How many',
    account String COMMENT '申领账号 Who asked',
    expected_time Int64 COMMENT '期望时间, 毫秒 Wanted by, Unix ms',
    receiver String COMMENT '收件人 Receiver',
    phone String COMMENT '电话 Phone',
    region String COMMENT '地区 Region',
    address String COMMENT '地址 Address',
    sta_id UInt64 COMMENT '场站, 0=无 Station, 0 = none',
    contract_num String COMMENT '合同号 Contract number',
    reason String COMMENT '申领原因 Why',
    state LowCardinality(String) COMMENT '状态 State'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY requisition_id
COMMENT '备件申领 Requisitions of spare parts'

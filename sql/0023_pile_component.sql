CREATE TABLE IF NOT EXISTS pile_component {on_cluster}
(
    contract_num String COMMENT '合同号 Contract number',
    model_id UInt64 COMMENT '型号 Device model',
    component_id UInt64 COMMENT '器件编号 The component',
    component_name String COMMENT '器件名称 Name',
    component_type String COMMENT '器件类型 Kind',
    supplier String COMMENT '供应商 Supplier',
    material_number String COMMENT '物料号 Material number',
    version_batch String COMMENT '版本批次 Version or batch',
    key_parameters String COMMENT '关键参数 Key parameters',
    quantity UInt32 COMMENT '数量 How many'
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (contract_num, model_id, component_id)
COMMENT '桩型器件清单 Components of a pile model under a contract'

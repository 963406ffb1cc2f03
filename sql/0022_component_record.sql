CREATE TABLE IF NOT EXISTS component_record {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    workorder_id UInt64 COMMENT '工单, 0=无 Work order, 0 = none',
    key_component_id_old UInt64 COMMENT '器件编号 (换下) The component, taken out',
    key_component_id_new UInt64 COMMENT '器件编号 (换上) The component, put in',
    attribute_old String COMMENT '属性 (换下) Attribute, taken out',
    attribute_new String COMMENT '属性 (换上) Attribute, put in',
    key_component_name_old String COMMENT '器件名称 (换下) Name, taken out',
    key_component_name_new String COMMENT '器件名称 (换上) Name, put in',
    key_component_type_old String COMMENT '器件类型 (换下) Kind, taken out',
    key_component_type_new String COMMENT '器件类型 (换上) Kind, put in',
    sap_old String COMMENT 'SAP物料号 (换下) SAP material number, taken out',
    sap_new String COMMENT 'SAP物料号 (换上) SAP material number, put in',
    supplier_old String COMMENT '供应商 (换下) Supplier, taken out',
    supplier_new String COMMENT '供应商 (换上) Supplier, put in',
    key_component_model_old String COMMENT '器件型号 (换下) Model, taken out',
    key_component_model_new String COMMENT '器件型号 (换上) Model, put in',
    version_batch_old String COMMENT '版本批次 (换下) Version or batch, taken out',
    version_batch_new String COMMENT '版本批次 (换上) Version or batch, put in',
    key_parameter_old String COMMENT '关键参数 (换下) Key parameter, taken out',
    key_parameter_new String COMMENT '关键参数 (换上) Key parameter, put in',
    commissioning_date_old Int64 COMMENT '投运日期, 毫秒 (换下) In service since, Unix ms, taken out',
    commissioning_date_new Int64 COMMENT '投运日期, 毫秒 (换上) In service since, Unix ms, put in',
    disposal_method LowCardinality(String) COMMENT '处置方式 What became of the old one: 自行处理, 返厂处理',
    disposal_instructions String COMMENT '处置说明 Details',
    disposal_verify String COMMENT '返厂确认 Factory-return confirmation'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (device_id, key_component_id_old)
COMMENT '器件更换记录 Components replaced'

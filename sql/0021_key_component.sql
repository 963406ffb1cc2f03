CREATE TABLE IF NOT EXISTS key_component {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    data_sources String COMMENT '数据来源 Where the row came from: import, work order',
    workorder_id UInt64 COMMENT '工单, 0=无 Work order, 0 = none',
    key_component_id UInt64 COMMENT '器件编号 The component',
    attribute String COMMENT '属性 Attribute',
    key_component_name String COMMENT '器件名称, 同桩同类唯一 Name, unique per pile among its kind',
    key_component_type String COMMENT '器件类型 Kind',
    sap String COMMENT 'SAP物料号 SAP material number',
    supplier String COMMENT '供应商 Supplier',
    key_component_model String COMMENT '器件型号 Model',
    version_batch String COMMENT '版本批次 Version or batch',
    key_parameter String COMMENT '关键参数 Key parameter',
    count UInt64 DEFAULT 1 COMMENT '数量 How many',
    commissioning_date Int64 COMMENT '投运日期, 毫秒 In service since, Unix ms, 0 = not yet',
    state String COMMENT '状态 State',
    duration_thresholds Int64 COMMENT '使用时长阈值, 毫秒 Service life at which to warn, ms, 0 = none',
    time_thresholds UInt64 COMMENT '动作次数阈值 Switching cycles at which to warn, 0 = none',
    abnormal_time_thresholds UInt64 COMMENT '异常动作次数阈值 Abnormal cycles at which to warn, 0 = none'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY key_component_id
COMMENT '关键器件 Key components of piles'

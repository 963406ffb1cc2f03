CREATE TABLE IF NOT EXISTS asset {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts' CODEC(Delta, ZSTD(1)),
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    device_id UInt64 COMMENT '桩 The pile',
    sta_id UInt64 COMMENT '场站, 0=未分配 Station, 0 = none yet',
    dt_id UInt64 COMMENT '设备类型, 0=未知 Device type, 0 = unknown',
    model String COMMENT '型号 Model',
    contract_num String COMMENT '合同号 Contract number',
    manufacture_date Int64 COMMENT '出厂日期, 毫秒 Manufactured, Unix ms, 0 = unknown',
    mvno String COMMENT '运营商 Mobile operator',
    mvno_code String COMMENT '运营商代码 Code of the mobile operator',
    sim String COMMENT 'SIM卡号 ICCID',
    audit_status String COMMENT '审核状态 Audit status: 待接入, 待审核, 已审核',
    maintecance_status String COMMENT '维保状态 Maintenance status',
    guarantee_period String COMMENT '质保期 Guarantee period, as people write it',
    guarantee_start Int64 COMMENT '质保开始, 毫秒 Guarantee starts, Unix ms, 0 = unknown',
    guarantee_end Int64 COMMENT '质保结束, 毫秒 Guarantee ends, Unix ms, 0 = unknown',
    maintecance_organization String COMMENT '维保单位 Who maintains it',
    responsible String COMMENT '责任人 Person responsible',
    contact_information String COMMENT '联系方式 How to reach that person',
    name String COMMENT 'uuid, 桩的通信编号 The uuid with which the pile speaks',
    ass_name String COMMENT '资产名称 The name for people',
    commissioning_date Int64 COMMENT '投运日期, 毫秒 In service since, Unix ms, 0 = not yet'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY device_id
SETTINGS {deduplication}
COMMENT '资产: 一台充电桩一行 Assets: one pile as owned equipment; state replaced by version'

CREATE TABLE IF NOT EXISTS registration_allow_list {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    model String COMMENT '型号, 空=任意 Model, empty = any',
    contract_num String COMMENT '合同号, 空=任意 Contract number, empty = any',
    remark String COMMENT '备注 Remark'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (model, contract_num)
SETTINGS {deduplication}
COMMENT '注册白名单: 免审核的型号和合同 Models and contracts that register without approval'

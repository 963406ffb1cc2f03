CREATE TABLE IF NOT EXISTS uuid_ledger {on_cluster}
(
    timestamp Int64 COMMENT '发放时间, 毫秒 Handed out, Unix ms' CODEC(Delta, ZSTD(1)),
    uuid String COMMENT '通信编号 The uuid',
    sn String COMMENT '发放给的出厂编号 For which factory serial number',
    claim UInt64 COMMENT '占用标记, 同一uuid出现两个即冲突 Mark of the claim; two on one uuid are a conflict and neither is used',
    reason LowCardinality(String) COMMENT '原因 Why: 注册, 修改uuid, 更换TCU, uuid重复'
)
ENGINE = {engine:ReplacingMergeTree}
ORDER BY (uuid, claim)
SETTINGS {deduplication}
COMMENT '通信编号台账: 发放过的uuid永不再用 Every uuid ever handed out; none is used twice'

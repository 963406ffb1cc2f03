CREATE TABLE IF NOT EXISTS organization_station {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    organization_id UInt64 COMMENT '组织 Organization',
    sta_id UInt64 COMMENT '场站 Station'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (organization_id, sta_id)
COMMENT '组织场站 Stations that an organization may see'

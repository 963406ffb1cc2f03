CREATE TABLE IF NOT EXISTS organization_user {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    organization_id UInt64 COMMENT '组织 Organization',
    user_id UInt64 COMMENT '用户 User'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (organization_id, user_id)
COMMENT '组织用户 Users of an organization'

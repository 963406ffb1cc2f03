CREATE TABLE IF NOT EXISTS role {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    role_id UInt64 COMMENT '角色编号 The role',
    role_name String COMMENT '角色名称 Its name: 超管, 管理员, 运维, 只读, …',
    permissions Array(LowCardinality(String)) COMMENT '权限 Permissions',
    description String COMMENT '说明 Description'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY role_id
COMMENT '角色 Roles: editable sets of permissions'

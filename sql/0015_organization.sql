CREATE TABLE IF NOT EXISTS organization {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    organization_id UInt64 COMMENT '组织编号 The organization',
    parent_id UInt64 COMMENT '上级组织, 0=顶级 The one above, 0 = top',
    organization_name String COMMENT '组织名称 Its name',
    contact String COMMENT '联系人 Contact person',
    contact_information String COMMENT '联系方式 How to reach that person'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY organization_id
COMMENT '组织 Organizations, a tree'

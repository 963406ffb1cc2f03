CREATE TABLE IF NOT EXISTS parameter_template {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    template_id UInt64 COMMENT '模板编号 The template',
    name String COMMENT '名称 Its name',
    model String COMMENT '型号, 空=不限 Model it is for, empty = any',
    items String COMMENT '参数, JSON: 名称→值 Parameters, JSON object of name and value',
    remark String COMMENT '备注 Remark',
    organization_id UInt64 COMMENT '所属机构 Organization whose people see it, 0 = all',
    created_by String COMMENT '创建人账号 Account of whoever made it'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY template_id
SETTINGS {deduplication}
COMMENT '参数模板 Values that parameters of piles ought to have'

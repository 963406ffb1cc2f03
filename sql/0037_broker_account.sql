CREATE TABLE IF NOT EXISTS broker_account {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    username String COMMENT '账号 Account at the broker',
    role LowCardinality(String) COMMENT '角色 Role: ops_tcu, register, connector, webserver, engineer, staff, operator',
    credential String COMMENT '密码摘要 Hash of the password',
    remark String COMMENT '备注 Remark: whose it is'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY username
SETTINGS {deduplication}
COMMENT '消息服务器账号: 平台服务和运维人员 Accounts at the broker that are not piles'

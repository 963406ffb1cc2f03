CREATE TABLE IF NOT EXISTS `user` {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    user_id UInt64 COMMENT '用户编号 The user',
    account String COMMENT '账号 Account with which to log in',
    user_name String COMMENT '姓名 Name',
    password_hash String COMMENT '密码散列, argon2id Password hash in PHC format, argon2id',
    role_id UInt64 COMMENT '角色 Role',
    phone String COMMENT '电话 Phone',
    email String COMMENT '邮箱 E-mail',
    state LowCardinality(String) COMMENT '状态 State: 启用, 停用',
    password_time Int64 COMMENT '密码修改时间, 毫秒 Password changed, Unix ms'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY user_id
COMMENT '用户 People who log in'

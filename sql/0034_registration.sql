CREATE TABLE IF NOT EXISTS registration {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts' CODEC(Delta, ZSTD(1)),
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    sn String COMMENT '出厂编号 Factory serial number of the TCU',
    uuid String COMMENT '通信编号, 空=尚未分配 The uuid, empty = none yet',
    former_uuid String COMMENT '改号前的通信编号, 新号登录前仍可使用 The uuid before a change, still let in until the new one logs in',
    state LowCardinality(String) COMMENT '状态 State: 待审核, 已拒绝, 已注册, 在役, 已停用, 已退役, 已释放',
    model LowCardinality(String) COMMENT '型号 Model, as the TCU said',
    contract_num String COMMENT '合同号 Contract number, as the TCU said',
    software_version LowCardinality(String) COMMENT '软件版本 Software version, as the TCU said',
    sim String COMMENT 'SIM卡号 ICCID, as the TCU said',
    device_id UInt64 COMMENT '桩, 0=尚未登录 The pile, 0 = not seen yet',
    username String COMMENT '接入账号 Account at the broker',
    credential String COMMENT '密码摘要 Hash of the password, empty = none; the password itself is kept nowhere',
    credential_time Int64 COMMENT '密码发放时间, 毫秒 Password handed out, Unix ms',
    request_time Int64 COMMENT '最近申请时间, 毫秒 Last asked, Unix ms',
    login_time Int64 COMMENT '首次登录时间, 毫秒 First login under this uuid, Unix ms, 0 = not yet',
    decided_by String COMMENT '审核人 Who decided, empty = by rule',
    reason String COMMENT '原因 Reason of the last decision'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY sn
SETTINGS {deduplication}
COMMENT '注册: 每个TCU一行 Registrations: one row per TCU; state replaced by version'

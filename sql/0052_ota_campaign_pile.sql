CREATE TABLE IF NOT EXISTS ota_campaign_pile {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    campaign_id UInt64 COMMENT '升级任务编号 The campaign',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '通信编号 Its uuid',
    sta_id UInt64 COMMENT '场站 Its station when it was chosen',
    model LowCardinality(String) COMMENT '型号 Its model when it was chosen',
    from_version LowCardinality(String) COMMENT '升级前软件版本 Software version before',
    arm LowCardinality(String) COMMENT '分组 update, control; empty = not assigned yet',
    stage UInt8 COMMENT '阶段, 0=金丝雀 Stage in which it is updated, 0 = canary',
    block UInt32 COMMENT '随机区组 Block within which the lot was drawn',
    phase LowCardinality(String) COMMENT '过程 update, rollback',
    state LowCardinality(String) COMMENT '状态 State of the pile in the campaign',
    owner LowCardinality(String) COMMENT '等待谁 Whom the state waits for: campaign, window, pile, driver; empty = final',
    state_since Int64 COMMENT '进入该状态, 毫秒 In this state since, Unix ms',
    deadline Int64 COMMENT '该状态的期限, 毫秒, 0=终态 This state ends at the latest, Unix ms, 0 = final',
    reason String COMMENT '原因 Why it is in this state',
    attempt UInt8 COMMENT '下载第几次 Attempt at downloading, from 1',
    mark String COMMENT '进行中命令的请求标识 Mark of the command in flight',
    progress UInt8 COMMENT '下载进度, 百分比 Download, percent',
    download_time Int64 COMMENT '开始下载, 毫秒 Download first sent, Unix ms, 0 = never',
    downloaded_time Int64 COMMENT '下载完成, 毫秒 Download done, Unix ms, 0 = never',
    update_time Int64 COMMENT '下发更新, 毫秒 Update and restart sent, Unix ms, 0 = never',
    login_time Int64 COMMENT '以目标版本登录, 毫秒 Logged in with the wanted version, Unix ms, 0 = not yet',
    charge_time Int64 COMMENT '升级后首次成功充电, 毫秒 First good charge after it, Unix ms, 0 = none',
    finished_time Int64 COMMENT '到达终态, 毫秒 Came to its final state, Unix ms, 0 = not yet',
    seen_version LowCardinality(String) COMMENT '最近登录的软件版本 Software version of the last login seen'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY (campaign_id, device_id)
COMMENT '升级任务中的桩 Piles of OTA campaigns'

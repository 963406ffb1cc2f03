-- pile_time ends the key, because events of a skewed clock are ordered by when they came: two that came in one
-- millisecond must not replace each other. The index finds known events among the skewed rows; measured in step 5.
CREATE TABLE IF NOT EXISTS boot_failed_record {on_cluster}
(
    timestamp Int64 COMMENT '排序时间, 毫秒 Ordering time, Unix ms: pile_time, or recv_time where the clock is skewed' CODEC(Delta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    dt_id UInt64 COMMENT '设备类型 Device type of the pile then',
    trade_id String COMMENT '交易流水号 Trade number',
    device_id UInt64 COMMENT '桩 The pile',
    device_zone String COMMENT '数据分区 Data zone',
    gun_num UInt8 COMMENT '枪号 The gun from 1',
    app_time String COMMENT '产生时间原文 When it failed, as the pile wrote it',
    generate_time Int64 COMMENT '产生时间, 毫秒 When it failed, Unix ms, 0 = unreadable',
    failed_code String COMMENT '失败原因原文 The whole text, such as 0X68:车辆原因-BRM报文接收超时',
    failed_hex LowCardinality(String) COMMENT '原文中的代码 The code in that text, such as 0X68; its meaning differs by vendor',
    failed_party LowCardinality(String) COMMENT '原文中的责任方 The party in that text, such as 车辆原因',
    failed_text LowCardinality(String) COMMENT '原文中的说明 The explanation in that text',
    charge_way String COMMENT '充电方式 How it was started',
    start_soc UInt8 COMMENT '开始SOC, % SOC, percent, 0 where not said',
    vin String COMMENT '车辆VIN码 VIN, cleaned',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    INDEX skewed if(clock_skew = 1, pile_time, 0) TYPE set(256) GRANULARITY 1
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (timestamp, trade_id, device_id, device_zone, failed_code, pile_time)
SETTINGS {deduplication}
COMMENT '启动失败记录 Charges that failed to start'

-- Sort key: one gun's history lies together, in time order. Codecs by measurement: 10 M rows of 2,000 guns,
-- 5,000 samples each 15 s apart (charging sessions with a constant-current, then falling power curve, 15 % of
-- samples a second late, receive jitter 400 ms), in 20 inserts of 500,000, then OPTIMIZE FINAL; chdb 26.7.
-- Generated data: real readings are noisier. The key had no pile_time at its end yet, which orders nothing here.
--   as inserted 5.25 bytes per row on disk, merged 4.73; one gun's day (5,000 rows, FINAL, in process): 5-9 ms
--   all columns Delta + ZSTD(1) 5.70 (on-time samples 4.90), DoubleDelta + ZSTD(1) 5.33 (4.82); on-time samples:
--   T64 + ZSTD(1) 7.17, Delta + LZ4 8.18, T64 + LZ4 9.08, ZSTD(3) 13.66, ZSTD(1) 14.13, LZ4 27.38
--   best per column, bytes: timestamp DoubleDelta 0.27 (Delta 0.41); recv_time Delta 1.58 (T64 2.28);
--   voltage T64 1.27 (Delta 1.63, none 1.71); current T64 0.80 (Delta 1.12); energy, meter Delta 0.18, 0.21
CREATE TABLE IF NOT EXISTS run_data {on_cluster}
(
    timestamp Int64 COMMENT '排序时间, 毫秒 Ordering time, Unix ms: pile_time, or recv_time where the clock is skewed' CODEC(DoubleDelta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(DoubleDelta, ZSTD(1)),
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    device_id UInt64 COMMENT '桩 The pile' CODEC(Delta, ZSTD(1)),
    gun_num UInt8 COMMENT '枪号, 0=整桩 The gun from 1, 0 = the whole pile',
    device_zone LowCardinality(String) COMMENT '数据分区 Data zone',
    kind Enum8('运行数据' = 1, '数据变位' = 2) COMMENT '报文 Which message',
    reqid UInt32 COMMENT '报文编号 The message reqid' CODEC(Delta, ZSTD(1)),
    work_state LowCardinality(String) COMMENT '工作状态 Work state',
    link_state LowCardinality(String) COMMENT '车辆连接状态 Vehicle link',
    voltage Nullable(Decimal32(3)) COMMENT '电压, V Voltage, V' CODEC(T64, ZSTD(1)),
    current Nullable(Decimal32(3)) COMMENT '电流, A Current, A' CODEC(T64, ZSTD(1)),
    energy Nullable(Decimal64(3)) COMMENT '已充电量, kWh Charged energy, kWh' CODEC(Delta, ZSTD(1)),
    charged_minutes Nullable(UInt32) COMMENT '已充时间, 分钟 Charged time, minutes' CODEC(Delta, ZSTD(1)),
    soc Nullable(UInt8) COMMENT 'SOC, % State of charge, percent' CODEC(Delta, ZSTD(1)),
    meter Nullable(Decimal64(3)) COMMENT '电表读数, kWh Meter reading, kWh' CODEC(Delta, ZSTD(1)),
    extra Map(LowCardinality(String), String) COMMENT '其他状态点 Points outside the known set'
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, gun_num, timestamp, kind, reqid, device_zone, pile_time)
SETTINGS {deduplication}
COMMENT '运行数据 What guns measured and how they stood'

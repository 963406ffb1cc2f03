CREATE TABLE IF NOT EXISTS trade_record {on_cluster}
(
    timestamp Int64 COMMENT '排序时间, 毫秒 Ordering time, Unix ms: pile_time, or recv_time where the clock is skewed' CODEC(Delta, ZSTD(1)),
    pile_time Int64 COMMENT '桩上报的系统时间, 毫秒 As the pile said it, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    recv_time Int64 COMMENT '接收时间, 毫秒 Received by the platform, Unix ms' CODEC(Delta, ZSTD(1)),
    clock_skew UInt8 COMMENT '1=桩时钟偏差超过24小时 1 = pile clock more than 24 h off',
    device_id UInt64 COMMENT '桩 The pile',
    device_zone LowCardinality(String) COMMENT '数据分区 Data zone',
    gun_num UInt8 COMMENT '枪号 The gun from 1',
    trade_id String COMMENT '交易流水号, 单桩内唯一 Trade number, unique on one pile' CODEC(ZSTD(1)),
    content_hash UInt64 COMMENT '内容散列 Hash of the fields of the charge: tells a resend from a conflict' CODEC(NONE),
    conflict UInt8 COMMENT '0=首条, 1=同号不同内容 0 = first of its number, 1 = same number with other contents',
    reqid UInt32 COMMENT '报文编号 The message reqid',
    vin String COMMENT '车辆VIN码 VIN, cleaned' CODEC(ZSTD(1)),
    vin_raw_hex String COMMENT 'VIN原始字节, 十六进制 Bytes of the VIN in hex, where cleaning changed them' CODEC(ZSTD(1)),
    charge_way LowCardinality(String) COMMENT '充电方式 How it was started',
    start_time Int64 COMMENT '开始时间, 毫秒 Start, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    end_time Int64 COMMENT '结束时间, 毫秒 End, Unix ms, 0 = absent' CODEC(Delta, ZSTD(1)),
    start_soc Nullable(UInt8) COMMENT '开始SOC, % SOC at the start, percent',
    end_soc Nullable(UInt8) COMMENT '结束SOC, % SOC at the end, percent',
    start_meter Nullable(Decimal64(3)) COMMENT '开始电表读数, kWh Meter at the start, kWh' CODEC(ZSTD(1)),
    end_meter Nullable(Decimal64(3)) COMMENT '结束电表读数, kWh Meter at the end, kWh' CODEC(ZSTD(1)),
    energy Nullable(Decimal64(3)) COMMENT '充电电量, kWh Energy, kWh' CODEC(ZSTD(1)),
    energy_sharp Nullable(Decimal64(3)) COMMENT '尖电量, kWh Energy at the sharp tariff, kWh' CODEC(ZSTD(1)),
    energy_peak Nullable(Decimal64(3)) COMMENT '峰电量, kWh Energy at the peak tariff, kWh' CODEC(ZSTD(1)),
    energy_flat Nullable(Decimal64(3)) COMMENT '平电量, kWh Energy at the flat tariff, kWh' CODEC(ZSTD(1)),
    energy_valley Nullable(Decimal64(3)) COMMENT '谷电量, kWh Energy at the valley tariff, kWh' CODEC(ZSTD(1)),
    charged_minutes Nullable(UInt32) COMMENT '充电时长, 分钟 Duration, minutes',
    stop_reason LowCardinality(String) COMMENT '停止原因 Why it stopped',
    amount Nullable(Decimal64(3)) COMMENT '金额, 元 Amount, yuan' CODEC(ZSTD(1)),
    raw String COMMENT '原始报文, 仅冲突或不规范时 Payload as received, only for conflicts and unclean ones' CODEC(ZSTD(3))
)
ENGINE = {engine:ReplacingMergeTree}
PARTITION BY toYYYYMM(toDateTime(intDiv(timestamp, 1000), 'Asia/Shanghai'))
ORDER BY (device_id, trade_id, content_hash)
SETTINGS index_granularity = 1024, {deduplication}
COMMENT '充电记录 Finished charges; identity is pile and trade number'

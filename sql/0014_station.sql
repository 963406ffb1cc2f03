CREATE TABLE IF NOT EXISTS station {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts',
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    sta_id UInt64 COMMENT '场站编号 The station',
    sta_name String COMMENT '场站名称 Its name',
    address String COMMENT '地址 Address',
    province LowCardinality(String) COMMENT '省 Province',
    city LowCardinality(String) COMMENT '市 City',
    district LowCardinality(String) COMMENT '区县 District',
    longitude Float64 COMMENT '经度, 度 (GCJ-02) Longitude, degrees (GCJ-02), 0 = unknown',
    latitude Float64 COMMENT '纬度, 度 (GCJ-02) Latitude, degrees (GCJ-02), 0 = unknown',
    operator String COMMENT '运营单位 Who operates it',
    contact String COMMENT '联系人 Contact person',
    contact_information String COMMENT '联系方式 How to reach that person',
    capacity_kw Decimal32(3) COMMENT '容量, kW Capacity, kW',
    open_hours String COMMENT '开放时间 Open hours, as people write them',
    commissioning_date Int64 COMMENT '投运日期, 毫秒 In service since, Unix ms, 0 = not yet'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY sta_id
COMMENT '场站 Charging stations'

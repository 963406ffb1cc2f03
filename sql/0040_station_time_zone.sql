ALTER TABLE station {on_cluster}
    ADD COLUMN IF NOT EXISTS time_zone LowCardinality(String) COMMENT '时区, 空=Asia/Shanghai Time zone of its days, such as Asia/Urumqi; empty = Asia/Shanghai'

ALTER TABLE command_record {on_cluster}
    ADD INDEX IF NOT EXISTS by_caller caller TYPE bloom_filter(0.01) GRANULARITY 1

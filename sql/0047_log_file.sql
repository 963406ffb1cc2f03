CREATE TABLE IF NOT EXISTS log_file {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts' CODEC(Delta, ZSTD(1)),
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    log_id UInt64 COMMENT '日志编号 The log',
    device_id UInt64 COMMENT '桩 The pile',
    uuid String COMMENT '召唤时的通信编号 The uuid by which it was asked',
    file_name String COMMENT '文件名, 桩上的 Name of the file on the pile',
    state LowCardinality(String) COMMENT '状态 State: requested, commanded, uploading, collected, failed, cancelled',
    bytes UInt64 COMMENT '桩报告的字节数, 0=未知 Size as the pile said, 0 = unknown',
    collected_bytes UInt64 COMMENT '已收到的字节数 Bytes that have arrived so far',
    charset LowCardinality(String) COMMENT '原文编码 What it was written in: utf-8, gb18030, utf-16le, utf-16be, binary; empty = not read yet',
    text_bytes UInt64 COMMENT '转为UTF-8后的字节数 Bytes in log_content',
    chunks UInt32 COMMENT '内容块数 Chunks in log_content; what lies above does not count',
    sha256 String COMMENT '原文的SHA-256 SHA-256 of the file as it came, hex',
    reason String COMMENT '失败或撤销的原因 Why it failed or was cancelled',
    created_by String COMMENT '召唤人 Who asked for it',
    created_time Int64 COMMENT '召唤时间, 毫秒 Asked for, Unix ms',
    deadline Int64 COMMENT '期限, 毫秒 Fails if not there by then, Unix ms',
    finished_time Int64 COMMENT '结束时间, 毫秒, 0=未结束 Ended, Unix ms, 0 = not yet'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY log_id
SETTINGS {deduplication}
COMMENT '日志: 召唤的桩日志文件 Log files that piles were asked for; state replaced by version'

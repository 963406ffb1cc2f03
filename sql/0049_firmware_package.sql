CREATE TABLE IF NOT EXISTS firmware_package {on_cluster}
(
    timestamp Int64 COMMENT '版本, 毫秒 Version, Unix ms; the newest row of a key counts' CODEC(Delta, ZSTD(1)),
    flag_del UInt8 COMMENT '1=已删除 1 = deleted',
    package_id UInt64 COMMENT '包编号 The package',
    name String COMMENT '名称 Name for people',
    file_type LowCardinality(String) COMMENT '文件类型 Kind of file: 程序包, 配置文件',
    model String COMMENT '适用型号, 空=任意 Model of pile it is for, empty = any',
    version String COMMENT '版本号 Version that a pile reports once it runs it',
    file_name String COMMENT '文件名, 桩看到的 Name of the file as piles see it',
    bytes UInt64 COMMENT '字节数 Size',
    chunks UInt32 COMMENT '内容块数 Chunks in firmware_chunk',
    md5 String COMMENT 'MD5, 十六进制 MD5, hex',
    sha256 String COMMENT 'SHA-256, 十六进制 SHA-256, hex',
    signature String COMMENT 'Ed25519数字签名, 十六进制 Ed25519 signature, hex; empty = none given, the platform signs',
    remark String COMMENT '备注 Remark',
    created_by String COMMENT '上传人 Who uploaded it',
    created_time Int64 COMMENT '上传时间, 毫秒 Uploaded, Unix ms'
)
ENGINE = {engine:ReplacingMergeTree(timestamp)}
ORDER BY package_id
SETTINGS {deduplication}
COMMENT '程序包: 桩的程序和配置文件 Firmware and configuration files for piles; written only once all its chunks are in'

ALTER TABLE command_record {on_cluster}
    ADD COLUMN IF NOT EXISTS caller String COMMENT '请求标识, 空=无 The mark of whoever asked; empty = none',
    ADD COLUMN IF NOT EXISTS attempts UInt8 COMMENT '下发次数 How often it was published to the pile',
    ADD COLUMN IF NOT EXISTS node UInt8 COMMENT '下发的ops_tcu节点 The node of the ops_tcu that delivers it'

-- As for trade_record.
ALTER TABLE login_record {on_cluster} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild'

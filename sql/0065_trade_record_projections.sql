-- Merges that replace rows make the projections of their parts anew (by default such a table may have none).
ALTER TABLE trade_record {on_cluster} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild'

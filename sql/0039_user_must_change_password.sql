ALTER TABLE `user` {on_cluster}
    ADD COLUMN IF NOT EXISTS must_change_password UInt8 COMMENT '1=登录后须先修改密码 1 = must change the password first'

export default {
  field: { model: '型号', model_id: '型号编号', timestamp: '修改时间', do: '操作' },
  add: '新增型号',
  edit: '修改型号',
  rule: '1 至 64 个字符，不能与已有型号相同',
  piles: '查看该型号的桩',
  delete: '删除型号“{name}”',
  deleteConsequences: '新的桩和导入表格不能再使用此型号；仍有桩使用时系统会拒绝删除',
};

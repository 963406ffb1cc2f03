export default {
  field: {
    timestamp: '发生时间',
    uuid: '桩编号',
    ass_name: '桩名称',
    sta_name: '场站',
    sta_id: '场站',
    gun_num: '枪',
    failed_party: '责任方',
    failed_text: '失败原因',
    failed_hex: '故障码',
    failed_code: '原文',
    charge_way: '启动方式',
    vin: 'VIN',
    start_soc: '起始SOC',
    model: '型号',
    trade_id: '交易流水号',
  },
};

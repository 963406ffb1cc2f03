import type zh from './zh';

const en: typeof zh = {
  field: {
    timestamp: 'When',
    uuid: 'Pile',
    ass_name: 'Name',
    sta_name: 'Station',
    sta_id: 'Station',
    gun_num: 'Gun',
    failed_party: 'Party',
    failed_text: 'Cause',
    failed_hex: 'Code',
    failed_code: 'As sent',
    charge_way: 'Started by',
    vin: 'VIN',
    start_soc: 'SOC',
    model: 'Model',
    trade_id: 'Trade number',
  },
};
export default en;

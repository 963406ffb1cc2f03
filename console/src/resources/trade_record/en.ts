import type zh from './zh';

const en: typeof zh = {
  field: {
    start_time: 'Start',
    end_time: 'End',
    uuid: 'Pile',
    ass_name: 'Name',
    sta_name: 'Station',
    sta_id: 'Station',
    gun_num: 'Gun',
    energy: 'kWh',
    charged_minutes: 'Time',
    start_soc: 'SOC from',
    end_soc: 'SOC to',
    charge_way: 'Started by',
    stop_reason: 'Why it ended',
    vin: 'VIN',
    model: 'Model',
    trade_id: 'Trade number',
    start_meter: 'Meter from',
    end_meter: 'Meter to',
    amount: 'Amount CNY',
  },
};
export default en;

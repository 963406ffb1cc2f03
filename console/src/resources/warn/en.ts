import type zh from './zh';

const en: typeof zh = {
  open: 'Open',
  closed: 'Recovered',
  field: {
    state: 'State',
    warn_level: 'Level',
    warn_name: 'Warning',
    warn_code: 'Code',
    uuid: 'Pile',
    ass_name: 'Name',
    sta_name: 'Station',
    sta_id: 'Station',
    device_zone: 'Zone',
    timestamp: 'Raised',
    recover_time: 'Recovered',
    count: 'Times',
    warn_class: 'Class',
    source: 'Source',
    extra: 'Details',
    model: 'Model',
  },
};
export default en;

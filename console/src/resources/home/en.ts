import type zh from './zh';

const en: typeof zh = {
  piles: 'Piles',
  guns: 'Guns',
  online: 'Online',
  onlineRate: '{p}% online',
  chargingNow: 'Charging',
  fault: 'Faulty',
  offline: 'Offline',
  charges: 'Charges today',
  energy: 'Energy today',
  failures: 'Failed starts today',
  failureShare: '{p}% of starts',
  warnings: 'Open warnings',
  times: '',
  kwh: 'kWh',
  of: 'of {n}',
  worst: 'Stations that need a look',
  worstNote: 'by faults, offline piles, failed starts',
  causes: 'Why starts failed, last 24 h',
  open: 'Open warnings',
  none: 'All is well',
  station: 'Station',
  more: 'All',
};
export default en;

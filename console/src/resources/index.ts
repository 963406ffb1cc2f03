/** The table of contents: a resource is a folder and one line here. */
import type { Resource } from '@/ground/resource';
import account from './account';
import asset from './asset';
import boot_failure from './boot_failure';
import command from './command';
import device_model from './device_model';
import home from './home';
import log from './log';
import operation_record from './operation_record';
import organization from './organization';
import ota from './ota';
import parameter from './parameter';
import registration from './registration';
import role from './role';
import schedule from './schedule';
import station from './station';
import system from './system';
import trade_record from './trade_record';
import user from './user';
import warn from './warn';

export const resources: Resource[] = [
  home,
  station,
  asset,
  boot_failure,
  trade_record,
  warn,
  command,
  parameter,
  schedule,
  ota,
  log,
  registration,
  organization,
  user,
  role,
  device_model,
  operation_record,
  system,
  account,
];

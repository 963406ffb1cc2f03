import type zh from './zh';

const en: typeof zh = {
  field: {
    account: 'Account',
    user_name: 'Name',
    role_id: 'Role',
    role_name: 'Role',
    phone: 'Phone',
    email: 'E-mail',
    state: 'State',
    organization_ids: 'Organizations',
    organization_id: 'Organization',
    password_time: 'Password changed',
    password: 'First password',
    timestamp: 'Changed',
    user_id: 'User id',
    words: 'Account, name, phone',
    do: 'Actions',
  },
  on: 'Enabled',
  off: 'Disabled',
  add: 'Add a user',
  edit: 'Edit the user',
  rule: {
    account: '3 to 64 letters, digits or . _ {at} -; cannot be changed later',
    password: 'Made at random if left empty; must be changed at the first sign-in',
    role: 'A role cannot give more than you may do yourself',
    organizations: 'Users see the stations of their organizations and those below only',
  },
  enable: 'Enable',
  disable: 'Disable',
  reset: 'Reset password',
  enabled: 'Enabled',
  disabled: 'Disabled',
  wasReset: 'Password reset',
  disableTitle: 'Disable the user “{name}”',
  disableConsequences: {
    out: 'All sessions end at once, and nobody signs in with this account meanwhile',
    kept: 'Details and records are kept; the user can be enabled again at any time',
  },
  deleteTitle: 'Delete the user “{name}”',
  deleteConsequences: {
    out: 'All sessions end at once; the account cannot be brought back',
    kept: 'Records of operations are kept',
  },
  resetTitle: 'Reset the password of “{name}”',
  resetConsequences: {
    out: 'All sessions end at once',
    told: 'The new password is shown once, and must be changed at sign-in',
  },
  oneself: 'Not to be done to oneself',
};
export default en;

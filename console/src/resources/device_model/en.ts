import type zh from './zh';

const en: typeof zh = {
  field: { model: 'Model', model_id: 'Model id', timestamp: 'Changed', do: 'Actions' },
  add: 'Add a model',
  edit: 'Edit the model',
  rule: '1 to 64 characters, unlike every other model',
  piles: 'Its piles',
  delete: 'Delete the model “{name}”',
  deleteConsequences:
    'New piles and imported sheets can no longer name it; it is refused while piles have it',
};
export default en;

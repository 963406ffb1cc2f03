/** The shapes of the API by their names in the OpenAPI document. */
import type { components } from './schema';

/** Everything that has a name there. */
export type Schemas = components['schemas'];

/** What a form tells its fields. */
import type { InjectionKey } from 'vue';

export interface FormState {
  /** The names of the fields that are shown. */
  fields: Set<string>;
  /** What is wrong with a field; empty if nothing. */
  saidOf(field: string): string;
}
export const FORM: InjectionKey<FormState> = Symbol('form');

/** Asks before what cannot be taken back, and names what follows. One question at a time, drawn over every page. */
import { shallowRef } from 'vue';

export interface Question {
  /** What is about to be done, as a question. */
  title: string;
  /** What follows from it, in the reader's language: one line each. */
  consequences: string[];
  /** Marks what harms if it is done by mistake. */
  danger?: boolean;
  /** What must be typed before it can be done: a number of piles, a uuid. */
  typed?: string;
  /** The word on the button; “confirm” without it. */
  action?: string;
}

export interface Asked extends Question {
  answer: (yes: boolean) => void;
}

/** The question that waits for its answer. */
export const asked = shallowRef<Asked | null>(null);

/** Asks; a question that still waits is answered with no. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean): void => {
      if (asked.value === mine) asked.value = null;
      resolve(yes);
    };
    const mine: Asked = { ...question, answer };
    asked.value = mine;
  });
}

/** The states of commands and batches: what they mean to their reader. Pure. */
import { because } from '@/ground/i18n/reason';
import type { Schemas } from '@/api/types';
import type { Part, Step, Tone } from '@/ground/progress/progress';

const TONES: Record<string, Tone> = {
  waiting: 'wait',
  queued: 'wait',
  sent: 'busy',
  answered: 'good',
  failed: 'bad',
  timed_out: 'bad',
  refused: 'bad',
  cancelled: 'off',
  // Of a batch.
  pending: 'wait',
  running: 'busy',
  paused: 'warn',
  finished: 'good',
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? 'off';
}

/** States of a command, in their order. */
export const STATES = ['queued', 'sent', 'answered', 'failed', 'timed_out', 'cancelled'] as const;
/** States of a pile of a batch, in their order. */
export const PILE_STATES = ['waiting', ...STATES, 'refused'] as const;
/** Those after which it may be worth trying again. */
export const MISSED = ['failed', 'timed_out', 'refused'] as const;

/** Whether nothing follows. */
export function isOver(state: string): boolean {
  return !['waiting', 'queued', 'sent', 'pending', 'running', 'paused'].includes(state);
}

/** How far a batch is, state by state in their order; those that the API has not counted are none. */
export function parts(progress: Schemas['PilesInState'][], label: (state: string) => string): Part[] {
  const count = (state: string): number => progress.find((part) => part.state === state)?.piles ?? 0;
  return PILE_STATES.map((state) => ({
    key: state,
    label: label(state),
    count: count(state),
    tone: toneOf(state),
  }));
}

type Event = Schemas['CommandStepped'];
type Detail = Schemas['CommandDetail'];

/** The timeline: what is on record, and what the events have told since. */
export function timeline(
  detail: Pick<Detail, 'steps'> | undefined,
  events: Pick<Event, 'time' | 'state' | 'progress' | 'reason' | 'result'>[],
  word: (state: string) => string,
): Step[] {
  const told = events.map((event) => ({ ...event, timestamp: event.time, attempt: 0 }));
  const steps = new Map<string, (typeof told)[number] | Detail['steps'][number]>();
  // What is on record says more, so it counts where both tell of the same step.
  for (const step of [...told, ...(detail?.steps ?? [])]) steps.set(`${step.timestamp} ${step.state}`, step);
  return [...steps.entries()]
    .sort(([, a], [, b]) => a.timestamp - b.timestamp)
    .map(([key, step]) => ({
      key,
      at: step.timestamp,
      title: word(step.state),
      tone: toneOf(step.state),
      text: [
        step.attempt > 1 ? `×${step.attempt}` : '',
        step.progress ? `${step.progress}%` : '',
        // The state says so already.
        ['成功', '失败'].includes(step.result) ? '' : step.result,
        because(step.reason),
      ]
        .filter(Boolean)
        .join(' · '),
    }));
}

/** Where a command stands: the newest of what is on record and what the events have told. */
export function standing(
  command: { state: string; timestamp: number } | undefined,
  events: { state: string; time: number }[],
): string | undefined {
  const last = events.reduce<(typeof events)[number] | undefined>(
    (newest, event) => (!newest || event.time >= newest.time ? event : newest),
    undefined,
  );
  if (!command) return last?.state;
  // What has ended stays so, whatever is told late.
  if (isOver(command.state) || !last || last.time <= command.timestamp) return command.state;
  return last.state;
}

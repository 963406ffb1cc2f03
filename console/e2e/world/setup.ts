/** Once for all walks: the platform, its piles, its people. */
import type { TestProject } from 'vitest/node';
import { type Places, settle } from './people';
import { type Platform, startPlatform } from './platform';

declare module 'vitest' {
  interface ProvidedContext {
    platform: Platform;
    places: Places;
  }
}

/** Enough for a page of cards, few enough for a machine that does other things as well. */
const PILES = Number(process.env.OPS_WALK_PILES ?? 9);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { end, ...platform } = await startPlatform(PILES);
  try {
    project.provide('platform', platform);
    project.provide('places', await settle(platform, PILES));
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

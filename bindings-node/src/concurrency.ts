/** How many jobs may be in the engine at once; further ones wait in order of arrival. */

import { availableParallelism } from 'node:os';
import { AbortError } from './error';
import { onAbort } from './on-abort';

/**
 * Jobs run on Node's thread pool, which files and DNS use too: jobs that occupied all of it would stall the rest of the
 * program. So the default leaves a thread free, and a processor core is busy with one job anyway.
 */
const poolSize = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
const MOST = 128;
let limit = Math.max(1, Math.min(availableParallelism(), poolSize - 1));

let running = 0;
const waiting: Array<() => void> = [];

/**
 * Sets how many jobs may be in the engine at once, when `jobs` is given; returns the number. The default is the number of
 * processors, or one less than UV_THREADPOOL_SIZE (4) when that is lower.
 */
export function concurrency(jobs?: number): number {
  if (jobs !== undefined) {
    if (!Number.isInteger(jobs) || jobs < 1 || jobs > MOST) {
      throw new RangeError(`concurrency: ${jobs} jobs; it must be a whole number from 1 to ${MOST}`);
    }
    limit = jobs;
    admit();
  }
  return limit;
}

function admit(): void {
  while (running < limit) {
    const next = waiting.shift();
    if (next === undefined) return;
    running += 1;
    next();
  }
}

/** Runs `job` when its turn comes. Aborting takes it out of the queue; once started, it sees to the signal itself. */
export async function inTurn<T>(signal: AbortSignal | undefined, job: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw new AbortError(signal.reason);
  await new Promise<void>((resolve, reject) => {
    const start = (): void => {
      stay();
      resolve();
    };
    const stay = onAbort(signal, () => {
      waiting.splice(waiting.indexOf(start), 1);
      reject(new AbortError(signal?.reason));
    });
    waiting.push(start);
    admit();
  });
  try {
    return await job();
  } finally {
    running -= 1;
    admit();
  }
}

import { unclearFates, type Judgement } from './judge.ts'
import type { CodeMutant } from './instrument.ts'
import type { Panel } from './panel.ts'

/** How a queue of mutants is worked off. */
export interface QueueOptions {
  /** Mutants at the same time. */
  readonly workers: number
  /** When no further mutant is begun, in milliseconds of `performance.now()`. */
  readonly until: number
  /** Told once of each mutant that was judged. */
  readonly settle: (judgement: Judgement) => void
}

/** Judges mutants until the time is over; those that came to no judgement, which a busy machine may be the reason of, a second time. */
export async function judgeAll(
  mutants: readonly CodeMutant[],
  panel: Panel,
  options: QueueOptions,
): Promise<void> {
  const unclear = await judgeQueue([...mutants], panel, options)
  const again = [...unclear.keys()]
  const still = await judgeQueue(again, panel, options)
  // Of two judgements the later one counts; the time may not have been enough for it.
  for (const mutant of [...still.keys(), ...again]) {
    const judgement = still.get(mutant) ?? unclear.get(mutant)
    if (judgement !== undefined) options.settle(judgement)
  }
}

/** @returns Those that came to no judgement; all others that were taken from the queue are settled. */
async function judgeQueue(
  queue: CodeMutant[],
  panel: Panel,
  { workers, until, settle }: QueueOptions,
): Promise<Map<CodeMutant, Judgement>> {
  const unclear = new Map<CodeMutant, Judgement>()
  const finals: Promise<void>[] = []
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
        if (performance.now() >= until) {
          queue.unshift(mutant)
          return
        }
        const { swift, final } = panel.judge(mutant)
        const kept = final.then((judgement) => {
          if (unclearFates.has(judgement.fate)) unclear.set(judgement.mutant, judgement)
          else settle(judgement)
        })
        finals.push(kept)
        await swift
      }
    }),
  )
  await Promise.all(finals)
  return unclear
}

import type { CodeMutant } from './instrument.ts'
import type { Finding } from './kit-run.ts'

/** What may become of a mutant, and what that means. */
export const fates = {
  killed: 'a check failed: the kit says non-conformant',
  refused: 'the kit could not begin: exit code 4',
  warned: 'a check warned: a SHOULD is broken',
  survived: 'the kit found nothing',
  incomplete: 'some check came to no judgement, and none failed',
  timeout: 'the kit came to no end',
  open: 'the checks nearest to its place found nothing, and the others have not been asked',
  unreached: 'no run of the kit comes to its place',
  'no start': 'no server comes up: not counted',
} as const

/** What became of a mutant. */
export type Fate = keyof typeof fates

/** Fates that count as caught. */
export const caughtFates: ReadonlySet<Fate> = new Set(['killed', 'refused', 'warned'])

/** Fates that say nothing of the mutant where the machine was too busy. */
export const unclearFates: ReadonlySet<Fate> = new Set(['incomplete', 'timeout'])

/** A mutant that was judged. */
export interface Judgement {
  readonly mutant: CodeMutant
  readonly fate: Fate
  /** The check that found it, what was unclear, or of one that survived a check that did not observe it. */
  readonly by?: string
}

/** A server with one mutant switched on. */
export interface Suspect extends AsyncDisposable {
  alive(): Promise<boolean>
}

/** Runs a part of the kit, or of that part the named check again; ends soon after the signal. */
export type Part<S> = (server: S, signal: AbortSignal, again?: string) => Promise<Finding>

/** How a mutant is looked at. */
export interface Examination<S extends Suspect> {
  start(mutant: CodeMutant): Promise<S | undefined>
  /** Parts of the kit, the most promising first. */
  parts(mutant: CodeMutant): readonly Part<S>[]
  /** Longest that one mutant may take, in milliseconds. */
  readonly limitMs: number
}

/** Judges one mutant by the kit alone. */
export async function judge<S extends Suspect>(
  mutant: CodeMutant,
  examination: Examination<S>,
): Promise<Judgement> {
  const server = await examination.start(mutant)
  if (server === undefined) return { mutant, fate: 'no start' }
  const limit = AbortSignal.timeout(examination.limitMs)
  const over = new Promise<'over'>((resolve) => {
    limit.addEventListener('abort', () => {
      resolve('over')
    })
  })
  try {
    let [warned, unclear, unobserved]: (string | undefined)[] = []
    for (const part of examination.parts(mutant)) {
      const look = async (again?: string): Promise<Finding | undefined> => {
        const found = await Promise.race([part(server, limit, again), over])
        return found === 'over' || limit.aborted ? undefined : found
      }
      let finding = await look()
      // A machine that stands still for a moment keeps the kit from beginning, too: only twice in a row counts.
      if (finding?.refused !== undefined) finding = await look()
      if (finding === undefined) return { mutant, fate: 'timeout' }
      if (finding.failed !== undefined) {
        const { failed } = finding
        // On a busy machine a check may fail by chance, too: it has to say so twice.
        const second = await look(failed)
        if (second === undefined) return { mutant, fate: 'timeout' }
        if (second.failed !== undefined || second.refused !== undefined)
          return { mutant, fate: 'killed', by: failed }
        finding = { unclear: `failed once ${failed}` }
      }
      if (finding.refused !== undefined) return { mutant, fate: 'refused', by: finding.refused }
      warned ??= finding.warned
      unclear ??= finding.unclear
      unobserved ??= finding.unobserved
      // Nothing more can be found; the kit had its chance to say so.
      if (!(await server.alive())) return { mutant, fate: 'incomplete', by: 'it no longer answers' }
    }
    if (warned !== undefined) return { mutant, fate: 'warned', by: warned }
    if (unclear !== undefined) return { mutant, fate: 'incomplete', by: unclear }
    const by = unobserved === undefined ? {} : { by: `${unobserved} did not observe it` }
    return { mutant, fate: 'survived', ...by }
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

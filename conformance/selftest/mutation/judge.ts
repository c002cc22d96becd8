import type { CodeMutant } from './instrument.ts'

/**
 * What became of a mutant. `killed`: a check failed. `died`: the server did not start, or no longer answers. `survived`: the kit found
 * nothing against it. `incomplete`: some check could not be run, and none failed. `timeout`: the kit came to no end. `unreached`: no run
 * of the kit comes to its place.
 */
export type Fate = 'killed' | 'died' | 'survived' | 'incomplete' | 'timeout' | 'unreached'

/** A mutant that was judged. */
export interface Judgement {
  readonly mutant: CodeMutant
  readonly fate: Fate
  /** The check that failed, or what was unclear. */
  readonly by?: string
}

/** What a part of the kit found: the first check that failed, and whether anything could not be run that runs against a sound server. */
export interface Finding {
  readonly failed?: string
  readonly unclear?: string
  /** Why not even the first words came about. */
  readonly dead?: string
}

/** A server with one mutant switched on. */
export interface Suspect extends AsyncDisposable {
  alive(): Promise<boolean>
}

/** How a mutant is looked at. */
export interface Examination<S extends Suspect> {
  start(mutant: CodeMutant): Promise<S | undefined>
  /** Parts of the kit, the most promising first; each ends soon after the signal. */
  parts(mutant: CodeMutant): readonly ((server: S, signal: AbortSignal) => Promise<Finding>)[]
  /** Longest that one mutant may take, in milliseconds. */
  readonly limitMs: number
}

/** Judges one mutant by the kit alone. */
export async function judge<S extends Suspect>(
  mutant: CodeMutant,
  examination: Examination<S>,
): Promise<Judgement> {
  const server = await examination.start(mutant)
  if (server === undefined) return { mutant, fate: 'died', by: 'it does not start' }
  const limit = AbortSignal.timeout(examination.limitMs)
  const over = new Promise<'over'>((resolve) => {
    limit.addEventListener('abort', () => {
      resolve('over')
    })
  })
  try {
    let unclear: string | undefined
    for (const part of examination.parts(mutant)) {
      const finding = await Promise.race([part(server, limit), over])
      if (finding !== 'over' && finding.failed !== undefined)
        return { mutant, fate: 'killed', by: finding.failed }
      if (finding !== 'over' && finding.dead !== undefined) return { mutant, fate: 'died', by: finding.dead }
      if (!(await server.alive())) return { mutant, fate: 'died', by: 'it no longer answers' }
      if (finding === 'over' || limit.aborted) return { mutant, fate: 'timeout' }
      unclear ??= finding.unclear
    }
    return unclear === undefined ? { mutant, fate: 'survived' } : { mutant, fate: 'incomplete', by: unclear }
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

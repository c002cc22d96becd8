import { HostedServer } from './hosted-server.ts'
import type { CodeMutant } from './instrument.ts'
import type { Examination, Judgement } from './judge.ts'
import { runKit, type Finding } from './kit-run.ts'
import { hindsight, type Reach } from './reach.ts'
import { situations, type Situation } from './situation.ts'

/** Checks that are asked first: they have caught other mutants of the same file, or reach few places beside this one. */
const promising = 16

type Part = (server: HostedServer, signal: AbortSignal) => Promise<Finding>

/** The kit as judge of mutants: only the checks that come to the place of a mutant run, the most promising first. */
export class KitExamination implements Examination<HostedServer> {
  readonly limitMs: number
  readonly #entry: string
  readonly #looks: readonly { readonly situation: Situation; readonly reach: Reach }[]
  /** How many mutants a check has caught, by file. */
  readonly #killers = new Map<string, Map<string, number>>()

  /** @param looks - The situations, with what the kit reaches in each. */
  constructor(
    entry: string,
    looks: readonly { readonly situation: Situation; readonly reach: Reach }[],
    limitMs: number,
  ) {
    this.#entry = entry
    this.#looks = looks
    this.limitMs = limitMs
  }

  /** Whether any check comes to the place of the mutant. */
  reaches({ id }: CodeMutant): boolean {
    return this.#looks.some(
      ({ reach }) =>
        reach.everywhere.has(id) || [...reach.placesOf.values()].some((places) => places.has(id)),
    )
  }

  start({ id }: CodeMutant): Promise<HostedServer | undefined> {
    return HostedServer.start(this.#entry, id === soundId ? undefined : id)
  }

  parts(mutant: CodeMutant): readonly Part[] {
    return this.#looks.flatMap(({ situation, reach }) => {
      const ranked = this.#ranked(mutant, reach)
      if (ranked.length === 0) return []
      const pieces = [ranked.slice(0, promising), ranked.slice(promising)].filter(({ length }) => length > 0)
      // A situation that is about few checks has them together: they wait at the same time.
      const parts = situation.look === 'all' ? pieces : [ranked]
      return parts.map((ids) => this.#part(situation, reach, ids))
    })
  }

  /** Remembers who caught it. */
  learn({ mutant, fate, by }: Judgement): void {
    if (fate !== 'killed' || by === undefined) return
    const killers = this.#killers.get(mutant.file) ?? new Map<string, number>()
    killers.set(by, (killers.get(by) ?? 0) + 1)
    this.#killers.set(mutant.file, killers)
  }

  /** The checks that may show a mutant. */
  #ranked({ id, file }: CodeMutant, { placesOf, everywhere }: Reach): readonly string[] {
    const any = everywhere.has(id) || id === soundId
    const killers = this.#killers.get(file)
    return [...placesOf]
      .filter(([, places]) => any || places.has(id))
      .map(([check, places]) => ({ check, kills: killers?.get(check) ?? 0, places: places.size }))
      .toSorted((a, b) => b.kills - a.kills || a.places - b.places)
      .map(({ check }) => check)
  }

  #part(situation: Situation, { clear }: Reach, ids: readonly string[]): Part {
    const checks = situation.look === 'all' ? [...ids, ...hindsight] : ids
    const url = ({ urls }: HostedServer) => urls[situations.indexOf(situation)] ?? ''
    return (server, signal) =>
      runKit({ situation, url: url(server), checks, signal }, (check) => clear.has(check))
  }
}

/** Id of a server without a mutant, which is judged like the others: it has to survive. */
export const soundId = 'sound'

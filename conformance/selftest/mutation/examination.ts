import type { CodeMutant } from './instrument.ts'
import type { Examination, Judgement, Part } from './judge.ts'
import { runKit } from './kit-run.ts'
import type { Lineup, MutatedSuspect } from './lineup.ts'
import { hindsight, type Reach } from './reach.ts'
import { situations, type Situation } from './situation.ts'

/** Up to where the ranks of checks are asked together: first those that have caught other mutants nearby, or reach few places beside this one. */
const ranks = [0, 12, 72, Infinity]

/** The same for who looks hastily: of the first situation that comes to a place, and of the second one. */
const hastyRanks = [
  [0, 12, 50],
  [0, 24],
]

/** Id that no mutant has: a server without one, which is judged like the others and has to survive. */
export const soundId = 'sound'

/** A situation, and what the kit reaches in it. */
export interface Look {
  readonly situation: Situation
  readonly reach: Reach
}

/** The kit as judge of mutants: only the checks that come to the place of a mutant run, the most promising first. */
export class KitExamination implements Examination<MutatedSuspect> {
  readonly limitMs: number
  readonly #isHasty: boolean
  readonly #lineup: Lineup
  readonly #looks: readonly Look[]
  readonly #kills: { readonly file: string; readonly line: number; readonly by: string }[] = []

  /** @param isHasty - Asks the most promising checks alone. */
  constructor(lineup: Lineup, looks: readonly Look[], limitMs: number, isHasty = false) {
    this.#isHasty = isHasty
    this.#lineup = lineup
    this.#looks = looks
    this.limitMs = limitMs
  }

  /** Whether any check comes to the place of the mutant. */
  reaches({ id }: CodeMutant): boolean {
    return id === soundId || this.#looks.some(({ reach }) => reach.places.has(id))
  }

  start(mutant: CodeMutant): Promise<MutatedSuspect | undefined> {
    return this.#lineup.serve(mutant)
  }

  parts(mutant: CodeMutant): readonly Part<MutatedSuspect>[] {
    const [first] = this.#looks
    const shown = first?.reach.placesOf.size !== 0 && first?.reach.places.has(mutant.id)
    return this.#looks.flatMap((look) => {
      const { situation, reach } = look
      const ranked = this.#ranked(mutant, reach)
      if (ranked.length === 0) return []
      if (this.#isHasty)
        return this.#inRanks(look, ranked, hastyRanks[this.#looks.indexOf(look)] ?? [0, Infinity])
      // A situation that is about few checks has them together: they wait at the same time.
      if (situation.look !== 'all') return [this.#part(look, ranked)]
      // All that come to the place, so that who has been caught before decides of the order alone, never of what is found.
      if (look !== first && shown) return [this.#part(look, [...ranked, ...reach.idle])]
      return this.#inRanks(look, [...ranked, ...reach.idle], ranks)
    })
  }

  #inRanks(look: Look, ids: readonly string[], bounds: readonly number[]): readonly Part<MutatedSuspect>[] {
    return bounds
      .slice(0, -1)
      .map((bound, index) => ids.slice(bound, bounds[index + 1]))
      .filter(({ length }) => length > 0)
      .map((some) => this.#part(look, some))
  }

  /** Remembers who caught it. */
  learn({ mutant: { file, line }, fate, by }: Judgement): void {
    if (fate === 'killed' && by !== undefined) this.#kills.push({ file, line, by })
  }

  /** The checks that may show a mutant. */
  #ranked({ id, file, line }: CodeMutant, { placesOf, places, everywhere }: Reach): readonly string[] {
    if (id !== soundId && !places.has(id)) return []
    const any = everywhere.has(id) || id === soundId
    const near = new Map<string, number>()
    for (const kill of this.#kills) {
      if (kill.file !== file) continue
      near.set(kill.by, (near.get(kill.by) ?? 0) + 1 / (1 + Math.abs(kill.line - line)))
    }
    return [...placesOf]
      .filter(([, own]) => any || own.has(id))
      .map(([check, own]) => ({ check, near: near.get(check) ?? 0, places: own.size }))
      .toSorted((a, b) => b.near - a.near || a.places - b.places)
      .map(({ check }) => check)
  }

  #part({ situation, reach }: Look, ids: readonly string[]): Part<MutatedSuspect> {
    const place = situations.indexOf(situation)
    return (server, signal, again) => {
      // What judges all that was seen has to see it again.
      const wanted = again === undefined || hindsight.includes(again) ? ids : [again]
      const checks = [...new Set([...wanted, ...hindsight])]
      const url = server.urls[place] ?? ''
      const run = { situation, url, checks, signal, drain: () => server.drain(place) }
      return runKit(run, (check) => reach.clear.has(check))
    }
  }
}

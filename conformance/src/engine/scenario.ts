import type { CapabilityName } from '@parley/schemas'
import type { Endings } from '../transport/ending.ts'
import type { CheckContext } from './context.ts'

/** A check that judges a scenario. */
export interface Spectator {
  readonly checkId: string
  readonly attempts: number
  /** The one that the scenario's clients ask for. */
  readonly capability: CapabilityName | undefined
}

/** What a scenario needs of the context that it is played in. */
type Stage = Pick<CheckContext, 'overdue' | 'dispose'>

/** A scenario that has begun. */
interface Played<C, T> {
  readonly context: C
  readonly outcome: Promise<T>
}

/** Scenarios that several checks judge: each is played once in a run, and once more for checks that are asked again. */
export class Scenarios<C extends Stage = CheckContext> {
  readonly #begin: (name: string, spectator: Spectator) => C
  readonly #gone: Endings
  readonly #played = new Map<string, Played<C, unknown>>()
  /** Checks that judge a scenario, by its name. */
  readonly #audience = new Map<string, Set<string>>()

  /**
   * @param begin - Makes the context of a scenario.
   * @param gone - Told of the connections that a scenario leaves.
   */
  constructor(begin: (name: string, spectator: Spectator) => C, gone: Endings) {
    this.#begin = begin
    this.#gone = gone
  }

  /** Plays a scenario unless it has been played. One that does not end is given up, so that nobody waits for it forever. */
  play<T>(spectator: Spectator, name: string, play: (t: C) => Promise<T>): Played<C, T> {
    const audience = this.#audience.get(name) ?? new Set()
    this.#audience.set(name, audience.add(spectator.checkId))
    const key = `${name} ${String(spectator.attempts)}`
    const known = this.#played.get(key)
    if (known) return known as Played<C, T>
    const context = this.#begin(name, spectator)
    const outcome = Promise.race([play(context), context.overdue()]).finally(async () => {
      this.#gone.add((await context.dispose()).gone)
    })
    const played = { context, outcome }
    this.#played.set(key, played)
    return played
  }

  /** Whose view counts as seen where something was seen under a name: of a scenario all checks that judge it, of a check itself. */
  seenBy(name: string): Iterable<string> {
    return this.#audience.get(name) ?? [name]
  }

  /** Ends what still goes on though the checks were given up. */
  leave(): void {
    for (const { context } of this.#played.values())
      this.#gone.add(context.dispose().then(({ gone }) => gone))
  }
}

import { heldUpMs, ownTime } from '../endpoint/holdup.ts'
import type { HelloFate } from '../target/preflight.ts'

/** How a vigil looks after a server. */
export interface VigilOptions {
  /** Milliseconds without a word on any connection after which a new client asks. */
  readonly quietMs: number
  /** Milliseconds that this process may be held up during a question before the lack of an answer says nothing. */
  readonly toleratedMs: number
  /** A new client says `hello`. */
  readonly ask: () => Promise<HelloFate>
  /** Told when nobody was answered. */
  readonly onSilence: () => void
}

/** New clients in a row that have to get no answer, while nothing comes on any other connection either, before a server counts as silent. */
export const askedInVain = 2

/**
 * Notices that a server has gone silent for everybody: that nothing comes on any connection of the run, and that new clients, one after
 * another, get no answer in the whole time that one may take. A server that was stopped for a while, that answers late, or that is not there
 * at all (connections are refused, cut, or not accepted) never counts as silent, nor does one while this process itself could not run.
 */
export class Vigil {
  /** When the server was heard last, in milliseconds of `performance.now()`. */
  heardAt = performance.now()
  /** Whether somebody asks at the moment whether the server is still there. */
  doubting = false
  readonly #options: VigilOptions
  #heardOwn = ownTime()
  #words = 0
  #timer: NodeJS.Timeout | undefined
  #doubt: Promise<boolean> | undefined
  #over = false

  constructor(options: VigilOptions) {
    this.#options = options
    this.#watch()
  }

  /** Notes that the server has answered somebody. */
  heard(): void {
    this.heardAt = performance.now()
    this.#heardOwn = ownTime()
    this.#words += 1
  }

  /** Asks, if nobody does yet; whether the server is silent for everybody. */
  silent(): Promise<boolean> {
    this.#doubt ??= this.#ask().finally(() => {
      this.#doubt = undefined
      this.doubting = false
    })
    return this.#doubt
  }

  /** Resolves when no question is open. */
  async settled(): Promise<void> {
    await this.#doubt
  }

  /** Ends the vigil. */
  [Symbol.dispose](): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  #watch(): void {
    if (this.#over) return
    const left = this.#options.quietMs - (ownTime() - this.#heardOwn)
    this.#timer = setTimeout(() => void this.#look(), Math.max(left, this.#options.quietMs / 10))
  }

  async #look(): Promise<void> {
    if (ownTime() - this.#heardOwn >= this.#options.quietMs && (await this.silent())) {
      if (!this.#over) this.#options.onSilence()
      return
    }
    this.#watch()
  }

  /** Begins the vigil anew, after a silence. */
  resume(): void {
    clearTimeout(this.#timer)
    this.heard()
    this.#watch()
  }

  async #ask(): Promise<boolean> {
    const words = this.#words
    this.doubting = true
    for (let turn = 0; turn < askedInVain;) {
      const held = heldUpMs()
      const fate = await this.#options.ask()
      if (fate === 'welcomed') this.heard()
      if (fate !== 'unanswered' || this.#words !== words || this.#over) return false
      if (heldUpMs() - held < this.#options.toleratedMs) turn += 1
    }
    return true
  }
}

import { createRandom } from '../engine/random.ts'

/** Quick repeatable draws: an episode takes thousands. The same seed and purpose give the same. */
export class Dice {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /**
   * @param seed - Seed of the run.
   * @param purpose - What the draws are for: each purpose has its own sequence.
   */
  constructor(seed: string, purpose: string) {
    const random = createRandom(seed, purpose)
    const word = () => Number.parseInt(random.hex(8), 16) | 0
    this.#a = word()
    this.#b = word()
    this.#c = word()
  }

  /** An integer from 0 to `below` - 1. */
  integer(below: number): number {
    return Math.floor(this.#fraction() * below)
  }

  /** Whether something of this probability comes about. */
  chance(probability: number): boolean {
    return this.#fraction() < probability
  }

  /** One of several; of none there is nothing to pick. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('Cannot pick from nothing')
    return items[this.integer(items.length)] as Item
  }

  /** One of several, each as often as its weight says. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let at = this.#fraction() * items.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, item] of items) {
      at -= weight
      if (at < 0) return item
    }
    return this.pick(items)[1]
  }

  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.integer(16).toString(16)).join('')
  }

  /** Chris Doty-Humphrey's `sfc32`. */
  #fraction(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return (sum >>> 0) / 2 ** 32
  }
}

import { SecretIndex } from './secret-index.ts'

/** Shortest token that is watched for: what is shorter turns up by chance. */
const shortest = 8

/** Length from which {@link SecretIndex} finds a secret. */
const indexed = 16

/** The tokens that a run has used, found in a text however many there are: a run may take a fresh one for each of a thousand connections. */
export class TokenIndex {
  readonly #short = new Set<string>()
  readonly #long = new SecretIndex()
  readonly #forgotten = new Set<string>()
  #size = 0

  /** Registers a token. */
  add(token: string): void {
    this.#size += 1
    if (token.length >= indexed) this.#long.add(token, 0)
    else if (token.length >= shortest) this.#short.add(token)
  }

  /** Whether there was any token. */
  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** From now on a token is not looked for. */
  forget(token: string): void {
    this.#forgotten.add(token)
  }

  /** The tokens that a text holds. */
  tokensIn(text: string): string[] {
    const short = [...this.#short].filter((token) => text.includes(token))
    return [...short, ...this.#long.secretsIn(text)].filter((token) => !this.#forgotten.has(token))
  }
}

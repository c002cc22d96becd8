import { readJsonWebToken } from '../target/json-web-token.ts'
import { SecretIndex } from './secret-index.ts'

/** Shortest token that is watched for: what is shorter turns up by chance. */
const shortest = 8

/** Length from which {@link SecretIndex} finds a secret. */
const indexed = 16

/** Up to so many tokens, looking for one after the other is quicker than the index. */
const few = 16

/** The tokens that a run has used, found in a text however many there are: a run may take a fresh one for each of a thousand connections. */
export class TokenIndex {
  readonly #users = new Map<string, number>()
  readonly #short = new Set<string>()
  readonly #long = new SecretIndex()
  readonly #forgotten = new Set<string>()
  readonly #parts = new Set<string>()

  /**
   * Registers a token, and of a JSON Web Token what tells one from another: the claims, and the signature, which with them is the token.
   *
   * @param user - Number of its user, from 0.
   */
  add(token: string, user: number): void {
    this.#add(token, user)
    const { claims = '', signature = '' } = readJsonWebToken(token) ?? {}
    for (const part of [claims, signature]) {
      if (part.length < indexed) continue
      this.#add(part, user)
      this.#parts.add(part)
    }
  }

  #add(token: string, user: number): void {
    this.#users.set(token, user)
    if (token.length >= indexed) this.#long.add(token, user)
    else this.#short.add(token)
  }

  /** Whether there was any token. */
  get isEmpty(): boolean {
    return this.#users.size === 0
  }

  /** Number of the user that a token is of. */
  userOf(token: string): number | undefined {
    return this.#users.get(token)
  }

  /** Whether what was found is a part of a token. */
  isPart(token: string): boolean {
    return this.#parts.has(token)
  }

  /** From now on a token is not watched for. */
  forget(token: string): void {
    this.#forgotten.add(token)
  }

  /** The tokens to watch for that a text holds. */
  tokensIn(text: string): string[] {
    // Most runs have none, and every frame is looked through.
    if (this.isEmpty) return []
    return this.secretsIn(text).filter((token) => token.length >= shortest && !this.#forgotten.has(token))
  }

  /** Every token that a text holds. */
  secretsIn(text: string): string[] {
    if (this.#users.size <= few) return [...this.#users.keys()].filter((token) => text.includes(token))
    const short = [...this.#short].filter((token) => text.includes(token))
    return [...short, ...this.#long.secretsIn(text)]
  }
  /** Where a token begins of which the end of a text holds only the first characters. */
  cutAtEnd(text: string): number | undefined {
    return this.#long.cutAtEnd(text)
  }
}

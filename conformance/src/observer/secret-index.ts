/** Shortest secret that is looked for: what is shorter turns up by chance. */
const shortest = 16

/** Longest secret that the specification lets a server give out. */
const longest = 64

/** Half of that: wherever a secret stands in a text, one block that begins at a multiple of this lies within its first characters. */
const block = 8

/** Entries of the table that tells most blocks which begin no secret; a power of two. */
const tableSize = 1 << 17

/**
 * The session secrets of a run, found in a frame in one pass over its text however many there are: a run has a thousand, and looks for
 * all of them in every frame.
 */
export class SecretIndex {
  readonly #owners = new Map<string, number>()
  readonly #byBlock = new Map<string, Set<string>>()
  readonly #known = new Uint8Array(tableSize)

  /** Registers a secret, unless it is known. */
  add(secret: string, owner: number): void {
    if (this.#owners.has(secret)) return
    this.#owners.set(secret, owner)
    if (secret.length < shortest) return
    for (let at = 0; at < block; at += 1) {
      const piece = secret.slice(at, at + block)
      const known = this.#byBlock.get(piece)
      if (known) known.add(secret)
      else this.#byBlock.set(piece, new Set([secret]))
      this.#known[hashOf(piece, 0)] = 1
    }
  }

  /** Number of the connection that a secret was given to. */
  ownerOf(secret: string): number | undefined {
    return this.#owners.get(secret)
  }

  /** Where a secret begins of which the end of a text holds only the first characters, eight or more of them. */
  cutAtEnd(text: string): number | undefined {
    for (let begin = Math.max(0, text.length - longest); begin + block <= text.length; begin += 1) {
      if (this.#known[hashOf(text, begin)] !== 1) continue
      const piece = text.slice(begin)
      for (const secret of this.#byBlock.get(piece.slice(0, block)) ?? [])
        if (secret.startsWith(piece)) return begin
    }
    return undefined
  }

  /** The secrets that a text holds. */
  secretsIn(text: string): string[] {
    const found = new Set<string>()
    // Blocks are counted from the beginning of the text: every secret in it covers one of them whole.
    for (let at = 0; at + block <= text.length; at += block) {
      if (this.#known[hashOf(text, at)] !== 1) continue
      for (const secret of this.#byBlock.get(text.slice(at, at + block)) ?? []) {
        if (!found.has(secret) && text.includes(secret)) found.add(secret)
      }
    }
    return [...found]
  }
}

function hashOf(text: string, at: number): number {
  let hash = 0
  for (let index = at; index < at + block; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return (hash ^ (hash >>> 15)) & (tableSize - 1)
}

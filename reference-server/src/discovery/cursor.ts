import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Cursor, Find, PeerId } from '@parley/schemas'
import type { RandomSource } from '../identity.ts'

/** Where a search goes on. */
export interface Place {
  readonly kind: Find['kind']
  readonly prefix: string
  /** Only names above this one. */
  readonly after: string
}

const algorithm = 'aes-256-gcm'
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16]

/**
 * Writes and reads cursors. Nothing is kept of them: a cursor holds its place, encrypted, because the name in it may be one that the client does
 * not see, and bound to its peer: find.unknown-cursor.
 */
export class CursorSeal {
  readonly #key: Buffer
  readonly #random: RandomSource

  constructor(random: RandomSource) {
    this.#random = random
    this.#key = random(keyBytes)
  }

  write({ kind, prefix, after }: Place, peer: PeerId): Cursor {
    const nonce = this.#random(nonceBytes)
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(peer))
    const text = `${kind.charAt(0)}${String.fromCharCode(prefix.length)}${prefix}${after}`
    const body = Buffer.concat([cipher.update(text, 'latin1'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
  }

  /** `undefined` for what this seal has not written for this peer. */
  read(cursor: Cursor, peer: PeerId): Place | undefined {
    const bytes = Buffer.from(cursor, 'base64url')
    const start = nonceBytes + tagBytes
    // Two texts may stand for the same bytes; only one of them has been sent.
    if (bytes.length <= start || bytes.toString('base64url') !== cursor) return undefined
    try {
      const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(peer)).setAuthTag(bytes.subarray(nonceBytes, start))
      const text = decipher.update(bytes.subarray(start), undefined, 'latin1') + decipher.final('latin1')
      const prefixEnd = 2 + text.charCodeAt(1)
      return {
        kind: text.startsWith('r') ? 'rooms' : 'users',
        prefix: text.slice(2, prefixEnd),
        after: text.slice(prefixEnd),
      }
    } catch {
      return undefined
    }
  }
}

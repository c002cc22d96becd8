import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput } from 'jose'

/** Finds the key of a token by its header, of which nothing has been verified yet. */
export type KeyFinder = (
  header: CompactJWSHeaderParameters,
  token: FlattenedJWSInput,
) => Promise<CryptoKey | Uint8Array>

/** There are no keys to judge a token with. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

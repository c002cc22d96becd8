import type { Static } from '@sinclair/typebox'
import { printableAscii } from './printable-ascii.ts'

/** The one method of authentication that the protocol defines: a bearer token (wording of RFC 6750). */
export const tokenMethod = 'token'

/** Names a method of authentication: 1 to 64 printable ASCII characters; `token`, or a reverse-domain name. */
export const AuthMethod = printableAscii(
  1,
  64,
  'AuthMethod',
  'Names a method of authentication: token, or a reverse-domain name.',
)
/** A value of the schema of this name. */
export type AuthMethod = Static<typeof AuthMethod>

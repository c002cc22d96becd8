import { createHmac, createPublicKey, verify } from 'node:crypto'
import type { TokenEntry } from '@parley/reference-server'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'
import { changed, textOf, valid } from '../rule.ts'
import { ann, bob } from './authentication-rule.ts'

const header = { alg: 'HS256', typ: 'JWT', kid: 'self-test' }

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function hs256(text: string, key: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** A JSON Web Token, as an issuer makes it. */
function issued(claims: object): string {
  const text = `${encoded(header)}.${encoded(claims)}`
  return `${text}.${hs256(text, 'the secret of the self-test')}`
}

/** The two users of the self-test with JSON Web Tokens. The server knows these, and no other. */
const tokens: readonly TokenEntry[] = [
  { ...ann, token: issued({ sub: 'ann', iat: 1_790_000_000, exp: 4_700_000_000 }) },
  { ...bob, token: issued({ sub: 'bob', iat: 1_790_000_000, exp: 4_700_000_000 }) },
]

/** A token that is offered, in parts: those that are missing are empty. */
interface Offered {
  readonly header: Readonly<Record<string, unknown>>
  readonly algorithm: unknown
  /** The header and the claims, as they are signed. */
  readonly text: string
  readonly parts: readonly [header: string, claims: string, signature: string, fourth: string]
}

function read(token: string): Offered {
  const [head = '', claims = '', signature = '', fourth = ''] = token.split('.')
  let fields: Record<string, unknown> = {}
  try {
    fields = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
  } catch {
    // It is no JSON Web Token, and none is made of it.
  }
  return {
    header: fields,
    algorithm: fields['alg'],
    text: `${head}.${claims}`,
    parts: [head, claims, signature, fourth],
  }
}

/** A server that takes a token for the one that it was made of. */
function taking(name: string, isTaken: (offered: Offered, known: Offered) => boolean): Mutant {
  return tampered(
    name,
    'auth.failed',
    () => ({
      toServer: valid('auth', (frame) => {
        const offered = read(textOf(frame, 'token'))
        const same = tokens.find(({ token }) => token !== frame['token'] && isTaken(offered, read(token)))
        return same ? { ...frame, token: same.token } : true
      }),
    }),
    { server: { tokens } },
  )
}

const sameClaims = ({ parts: [, one] }: Offered, { parts: [, other] }: Offered) => one === other
const sameHeader = ({ parts: [one] }: Offered, { parts: [other] }: Offered) => one === other
const sameSignature = ({ parts: [, , one] }: Offered, { parts: [, , other] }: Offered) => one === other

function bringsItsKey({ header: { jwk }, text, parts: [, , signature] }: Offered): boolean {
  const key = jwk as { readonly kty?: string; readonly k?: string } | undefined
  if (key?.kty === 'oct')
    return (
      createHmac('sha256', Buffer.from(key.k ?? '', 'base64url'))
        .update(text)
        .digest('base64url') === signature
    )
  if (key === undefined) return false
  const publicKey = createPublicKey({ key, format: 'jwk' })
  return verify(undefined, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'))
}

/** A token that was good until some year long ago, and that a server takes that does not look at `exp`. */
const expired: readonly TokenEntry[] = [
  ann,
  { ...bob, token: issued({ sub: 'bob', iat: 1_000_000_000, exp: 1_000_003_600 }), expiresInMs: 1500 },
]

/** Faults of who verifies JSON Web Tokens. */
export const forgedTokenMutants: Mutants = [
  taking(
    'takes the claims for true under any signature that it knows',
    (offered, known) =>
      !sameClaims(offered, known) && sameHeader(offered, known) && sameSignature(offered, known),
  ),
  taking(
    'takes a signature for one of the claims alone',
    (offered, known) =>
      !sameHeader(offered, known) &&
      sameClaims(offered, known) &&
      sameSignature(offered, known) &&
      offered.algorithm === known.algorithm,
  ),
  taking(
    'compares the first half of a signature',
    (offered, known) =>
      offered.text === known.text &&
      offered.parts[2].length === known.parts[2].length &&
      offered.parts[2].slice(0, 20) === known.parts[2].slice(0, 20),
  ),
  taking(
    'takes a token without its signature',
    (offered, known) => offered.text === known.text && offered.parts[2] === '',
  ),
  taking(
    'takes zeros for a signature',
    (offered, known) => offered.text === known.text && /^A+$/.test(offered.parts[2]),
  ),
  taking(
    'takes the algorithm none for an algorithm',
    (offered, known) => offered.algorithm === 'none' && sameClaims(offered, known) && offered.parts[2] === '',
  ),
  taking(
    'knows the algorithm none in small letters alone',
    (offered, known) =>
      offered.algorithm !== 'none' &&
      String(offered.algorithm).toLowerCase() === 'none' &&
      sameClaims(offered, known),
  ),
  taking(
    'does not look at a signature where the algorithm is none',
    (offered, known) => offered.algorithm === 'none' && sameClaims(offered, known) && offered.parts[2] !== '',
  ),
  taking(
    'verifies with an empty secret',
    (offered, known) =>
      offered.algorithm === 'HS256' &&
      sameClaims(offered, known) &&
      offered.parts[2] === hs256(offered.text, ''),
  ),
  taking(
    'reads the secret from the file that a token names',
    (offered, known) =>
      sameClaims(offered, known) &&
      String(offered.header['kid']).endsWith('/dev/null') &&
      offered.parts[2] === hs256(offered.text, ''),
  ),
  taking(
    'takes the key that a token brings',
    (offered, known) => sameClaims(offered, known) && bringsItsKey(offered),
  ),
  taking(
    'does not see a fourth part',
    (offered, known) =>
      offered.text === known.text && sameSignature(offered, known) && offered.parts[3] !== '',
  ),
  tampered(
    'verifies no signature of who has authenticated',
    'auth.failed',
    () => ({
      toServer: valid('auth', (frame, passage) => {
        const offered = read(textOf(frame, 'token'))
        const same = tokens.find(({ token }) => sameSignature(offered, read(token)))
        return same && passage.notes.has('authenticated') ? { ...frame, token: same.token } : true
      }),
      toClient: changed(
        'authenticated',
        (_frame, passage) => (passage.notes.set('authenticated', true), true),
      ),
    }),
    { server: { tokens } },
  ),
  tampered('takes a token that has expired', 'auth.failed', () => ({}), { server: { tokens: expired } }),
  tampered('quotes the claims of a token that it refuses', 'auth.not-echoed', () => ({
    toServer: valid('auth', (frame, passage) => (passage.notes.set('token', frame['token']), true)),
    toClient: changed('error', (frame, passage) => {
      const [, claims = ''] = String(passage.notes.get('token')).split('.')
      return frame['code'] === 'auth-failed' && claims !== ''
        ? { ...frame, message: `Cannot authenticate: no such user in ${claims.slice(0, 24)}` }
        : true
    }),
  })),
  tampered(
    'sends the claims of a token with authenticated',
    'auth.not-echoed',
    () => ({
      toServer: valid('auth', (frame, passage) => (passage.notes.set('token', frame['token']), true)),
      toClient: changed('authenticated', (frame, passage) => ({
        ...frame,
        'com.example.claims': String(passage.notes.get('token')).split('.')[1],
      })),
    }),
    { server: { tokens }, provokedBy: 'auth.token' },
  ),
]

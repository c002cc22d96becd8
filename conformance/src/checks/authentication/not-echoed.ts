import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { writePart } from '../../target/json-web-token.ts'
import { invalidToken } from '../scene/token.ts'

/** Fails if a frame holds a piece of a token that nothing else would hold. */
function expectNoPiece(token: string, endpoints: readonly Endpoint[], what: string, size = 5): void {
  const pieces = Array.from({ length: token.length - size + 1 }, (_, begin) =>
    token.slice(begin, begin + size),
  )
  for (const { log } of endpoints) {
    const leak = log.find(({ message }) => pieces.some((piece) => textsOf(message).includes(piece)))
    if (!leak) continue
    const isHeld = (piece: string) => textsOf(leak.message).includes(piece)
    const members = Object.keys(leak.message).filter((name) =>
      pieces.some((piece) => textsOf(leak.message[name]).includes(piece)),
    )
    const most = pieces.findLastIndex(isHeld) - pieces.findIndex(isHeld) + size
    throw new CheckFailure(
      `no part of ${what} in what the server sends`,
      `${indefinite(String(leak.message['type']))} holds ${String(most)} of its ${String(token.length)} characters in ${members.join(' and ') || 'the name of a member'}`,
    ).shownBy(leak.text)
  }
}

/** All texts in a frame, as their reader has them. */
function textsOf(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([name, member]) => `${name}\n${textsOf(member)}`)
    .join('')
}

async function neverEchoed(t: CheckContext): Promise<void> {
  const token = invalidToken(t)
  const a = await t.client({ anonymous: true })
  await a.request({ type: 'auth', method: 'token', token })
  await a.request({ type: 'auth', method: 'com.example.none', token })
  const early = await t.open()
  early.post({ type: 'auth', method: 'token', token })
  await early.waitFor(() => true, 'an error for auth before hello')
  expectNoPiece(token, t.endpoints, 'a token that is not valid')
  await neverEchoedJson(t)
}

/** A server that reads JSON Web Tokens may quote what it has read; a header alone is what many tokens have. */
async function neverEchoedJson(t: CheckContext): Promise<void> {
  const header = writePart({ alg: 'HS256', typ: 'JWT' })
  const claims = writePart({ sub: t.random.hex(32), aud: 'com.example.none', exp: 4_700_000_000 })
  const signature = Buffer.from(t.random.hex(64), 'hex').toString('base64url')
  const a = await t.client({ anonymous: true })
  await a.request({ type: 'auth', method: 'token', token: `${header}.${claims}.${signature}` })
  // So many characters stand in no id by chance.
  expectNoPiece(`${claims}.${signature}`, [a], 'a JSON Web Token that is not valid', 8)
}

/** A token in a message that is not well formed is a token still. */
async function neverEchoedBroken(t: CheckContext): Promise<void> {
  const token = invalidToken(t)
  const wrongs: Wire[] = [
    { type: 'auth', token },
    { type: 'auth', method: 7, token },
    { type: 'auth', method: 'token', token: `${token}\u00e9` },
    { type: 'auth', method: 'token', token: [token] },
    { type: 'auth', method: 'token', token, from: 'me' },
    { type: 'auth', method: 'token', token: token.repeat(400) },
  ]
  await Promise.all(
    wrongs.map(async (wrong) => {
      const a = await t.client({ anonymous: true })
      await a.outcome(a.sendBroken(wrong))
    }),
  )
  expectNoPiece(token, t.endpoints, 'a token in an auth that is not well formed')
}

/** A token in a message that is not about one is a token still, whether the server knows its type or not. */
async function neverEchoedElsewhere(t: CheckContext): Promise<void> {
  const token = invalidToken(t)
  const isLocked = t.target.needsAuth && t.target.users.length === 0
  const clients = await Promise.all([t.client({ anonymous: true }), ...(isLocked ? [] : [t.client()])])
  for (const type of ['com.example.login', 'login', 'leave', 'ping'])
    await Promise.all(
      clients.map((each) => each.outcome(each.sendBroken({ type, room: t.room(), token, data: { token } }))),
    )
  expectNoPiece(token, clients, 'a token in a message of another type than auth')
}

/** Checks of what comes back of a token. */
export const notEchoedChecks: readonly Check[] = [
  check('auth.not-echoed', 'tokens that are not valid', neverEchoed),
  check('auth.not-echoed', 'tokens in messages that are not well formed', neverEchoedBroken, {
    name: 'malformed',
    hostile: true,
  }),
  check('auth.not-echoed', 'tokens in messages of other types', neverEchoedElsewhere, {
    name: 'elsewhere',
    hostile: true,
  }),
]

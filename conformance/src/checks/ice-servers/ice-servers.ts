import { isTurnServer, type IceServer, type IceServers, type TurnServer } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, Late, Undecided } from '../../engine/failure.ts'
import { refusedToken } from '../../engine/refused-token.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { tryAllocation, type AllocationOutcome } from '../../turn/allocation.ts'
import { requireTwoUsers } from '../scene/token.ts'

/** An `ice-servers`, and when it came; in milliseconds of `performance.now()`. */
export interface Given {
  readonly message: IceServers
  readonly at: number
  /** The server has not made it before that, however long it was on its way: the credentials end no sooner than their life after it. */
  readonly notBefore: number
}

/** One URL of TURN with its credentials. */
interface Trial extends TurnServer {
  readonly url: string
}

/** Refusals that say nothing of the credentials: no place left, or another server is to be asked (RFC 8656, section 19). */
const notAboutCredentials: ReadonlySet<number> = new Set([300, 437, 486, 500, 508])

/** What the kit keeps away from a moment at which credentials end. */
export const marginMs = 250

/** Milliseconds that a TURN server may take for an allocation; over UDP a request is sent five times in it. */
const turnMs = 5000

const of = 'get-ice-servers'

/** Asks for servers; ends the check where the server has none to give at present, as it may. */
export async function askForServers(t: CheckContext, a: Endpoint): Promise<Given> {
  const notBefore = performance.now()
  const outcome = await a.request({ type: of })
  if (outcome.code === 'ice-unavailable')
    t.notObserved('The server has no ICE servers to give at present: it answers ice-unavailable')
  if (outcome.type !== 'ice-servers') throw unexpected(outcome, `ice-servers for ${of}`)
  return { message: outcome.message as unknown as IceServers, at: performance.now(), notBefore }
}

/** Every URL of TURN in a list. */
export function trialsOf(servers: readonly IceServer[]): readonly Trial[] {
  return servers.flatMap((server) =>
    isTurnServer(server)
      ? server.urls.filter((url) => url.startsWith('turn')).map((url) => ({ ...server, url }))
      : [],
  )
}

/** A question is answered, with `ref` where it has an `id`, as often as it is asked, in a room or not. */
async function answers(t: CheckContext): Promise<void> {
  const a = await t.client()
  const expected = `ice-servers or ice-unavailable for ${of}`
  for (const where of ['in no room', 'asked again', 'in a room']) {
    if (where === 'in a room') await t.join(t.room(), a)
    const outcome = await a.request({ type: of })
    if (outcome.type !== 'ice-servers' && outcome.code !== 'ice-unavailable')
      throw unexpected(outcome, `${expected} ${where}`)
  }
  const since = a.log.length
  a.send({ type: of })
  await a.waitFor(
    ({ message: { type, code, ref } }) =>
      ref === undefined && (type === 'ice-servers' || code === 'ice-unavailable'),
    `${expected} without id`,
    { since },
  )
}

/** TURN servers take the credentials. */
async function credentialsAccepted(t: CheckContext): Promise<void> {
  const a = await t.client()
  await acceptAll(t, () => askForServers(t, a))
}

/** Part of the life of credentials after which they are tried once more. */
const lateShare = 0.8

/** The credentials are good for as long as the server says. */
async function acceptedToTheEnd(t: CheckContext): Promise<void> {
  const a = await t.client()
  const given = await askForServers(t, a)
  const { expiresInMs, iceServers } = given.message
  if (expiresInMs === undefined) return t.notApplicable('The credentials do not end: expiresInMs is absent')
  if (trialsOf(iceServers).length === 0) t.notApplicable('ice-servers names no TURN server')
  waitsOut(t, expiresInMs, 'Waiting until shortly before the credentials end')
  for (let left = expiresInMs * lateShare; left > 0; left -= aliveMs) {
    if (await a.endsWithin(Math.min(left, aliveMs)))
      throw new ConnectionLost('a connection that lasts', 'it ended')
    await a.sync()
  }
  if (performance.now() > given.notBefore + expiresInMs - marginMs)
    t.notObserved('The kit came to look at them when they had ended')
  let asked = 0
  await acceptAll(t, () => {
    asked += 1
    if (asked > 1) t.notObserved('The credentials ended while the kit tried them')
    return Promise.resolve(given)
  })
}

/** Ends the check where the life of the credentials is more than anybody waits for. */
function waitsOut(t: CheckContext, expiresInMs: number, what: string): void {
  if (expiresInMs > longestMs)
    t.notObserved(`The credentials are good for ${inSeconds(expiresInMs)}: let them end within 5 s`)
  t.cost({ ms: expiresInMs }, what)
}

/** Requires that every TURN server of a list accepts its credentials; asks again where they have ended meanwhile. */
export async function acceptAll(t: CheckContext, ask: () => Promise<Given>): Promise<void> {
  let given = await ask()
  const trials = trialsOf(given.message.iceServers)
  if (trials.length === 0) t.notApplicable('ice-servers names no TURN server')
  const unknown: string[] = []
  for (const [index] of trials.entries()) {
    let outcome = await attempt(t, given, index)
    if (outcome.kind === 'ended') {
      given = await ask()
      outcome = await attempt(t, given, index)
    }
    const words = judgeOf(outcome)
    if (words !== undefined) unknown.push(words)
    else t.evidence.push(`${trials[index]?.url ?? ''} has given a relay, and taken it back`)
  }
  if (unknown.length > 0) throw new Undecided('could-not-run', unknown.join('; '), 'turn')
}

type Attempt = (AllocationOutcome | { readonly kind: 'ended' }) & { readonly trial?: Trial }

/** Tries one URL; what was refused after the credentials had ended says nothing. */
async function attempt(t: CheckContext, { message, notBefore }: Given, index: number): Promise<Attempt> {
  const trial = trialsOf(message.iceServers)[index]
  if (trial === undefined) return { kind: 'unreachable', reason: 'it is named no more' }
  const outcome = await tryAllocation({ ...trial, trust: t.secureContext }, AbortSignal.timeout(turnMs))
  const endsAt = notBefore + (message.expiresInMs ?? Infinity) - marginMs
  const isLate = outcome.kind === 'refused' && performance.now() > endsAt
  return isLate ? { kind: 'ended' } : { ...outcome, trial }
}

/**
 * Judges an outcome.
 *
 * @returns Why there is no judgement; `undefined` where the credentials were accepted.
 * @throws CheckFailure where they were not.
 */
function judgeOf(outcome: Attempt): string | undefined {
  const url = outcome.trial?.url ?? 'a TURN server'
  switch (outcome.kind) {
    case 'allocated':
    case 'open':
      return undefined
    case 'refused': {
      const answer = `${String(outcome.code)} (${outcome.reason})`
      if (notAboutCredentials.has(outcome.code)) return `${url} gives no relay at present: ${answer}`
      throw new CheckFailure(
        `${url} to accept the username and credential of ice-servers`,
        `it answers ${answer}: the fault is in the credentials or at the TURN server, not in signaling`,
      )
    }
    case 'unsigned':
      return `${url} signs its answers with another password than it accepts`
    case 'unreachable':
      return `Nothing is known of the credentials for ${url}: ${outcome.reason}`
    case 'ended':
      return 'The credentials end sooner than the kit can try them'
  }
}

/** What came of waiting for the next credentials. */
interface Renewal {
  readonly first: Given
  /** `undefined` when none came. */
  readonly second: Given | undefined
  readonly expiresInMs: number
  /** The last moment at which the server had not sent the next ones: it took a later question before them. */
  readonly absentAt: number
  /** What came to a client that had not asked. */
  readonly stray: string | undefined
}

/** Waits for what comes unasked; somebody who has not asked is beside. */
function renewal(t: CheckContext): Promise<Renewal> {
  return t.shared('the renewal of ICE servers', async (s) => {
    const [a, bystander] = [await s.client(), await s.client()]
    const first = await askForServers(s, a)
    const { expiresInMs } = first.message
    if (expiresInMs === undefined) return s.notApplicable('The credentials do not end: expiresInMs is absent')
    waitsOut(s, expiresInMs, 'Waiting for the credentials to be renewed')
    const since = a.log.length
    const came = () => a.log.slice(since).find(({ message }) => message['type'] === 'ice-servers')
    const until = first.at + expiresInMs + s.dueMs
    let absentAt = first.notBefore
    let at = 0
    a.onFrame(({ message }) => {
      if (message['type'] === 'ice-servers' && at === 0) at = performance.now()
    })
    const looks = [overlapShare, 1].map((share) => dueAt(first, share * expiresInMs))
    for (let now = performance.now(); now < until && !came(); now = performance.now()) {
      const next = Math.min(until, now + aliveMs, ...looks.filter((moment) => moment > now))
      // A timer leaves out fractions: what is asked too early for this moment tells nothing of it.
      await a.comesWithin(() => came() !== undefined, Math.ceil(next - now) + 1)
      if (came()) break
      const askedAt = performance.now()
      await Promise.all([a.sync(), bystander.sync()])
      if (!came()) absentAt = askedAt
    }
    await Promise.all([a.sync(), bystander.sync()])
    const second = came()
    return {
      first,
      second: second && { message: second.message as unknown as IceServers, at, notBefore: absentAt },
      expiresInMs,
      absentAt,
      stray: bystander.all('ice-servers').length > 0 ? 'ice-servers came' : undefined,
    }
  })
}

/** Part of the life of credentials after which the next ones should have come. */
const overlapShare = 0.9

/** The moment at which something is due, so long after the first ones came. */
function dueAt(first: Given, ms: number): number {
  return first.at + ms + marginMs
}

/** The longest life of credentials that anybody waits for. */
const longestMs = 600_000

/** Both sides say something at least so often. */
const aliveMs = 20_000

/** A time in words. */
export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

async function renews(t: CheckContext): Promise<void> {
  const { first, second, expiresInMs, absentAt } = await renewal(t)
  const expected = `ice-servers unasked before the ${String(expiresInMs)} ms of the last one have passed`
  if (second === undefined) throw new CheckFailure(expected, `none had come ${inSeconds(t.dueMs)} after them`)
  const after = second.at - first.at
  // A message can be long on its way; what is answered before it is sent before it.
  if (absentAt >= dueAt(first, expiresInMs)) throw new Late(expected, `it came after ${inSeconds(after)}`)
  t.evidence.push(`The next ice-servers came after ${inSeconds(after)} of ${inSeconds(expiresInMs)}`)
}

async function overlaps(t: CheckContext): Promise<void> {
  const { first, second, expiresInMs, absentAt } = await renewal(t)
  if (second === undefined) return t.couldNotRun('No ice-servers has come unasked: see ice.renewed')
  const after = second.at - first.at
  if (absentAt >= dueAt(first, overlapShare * expiresInMs))
    throw new Late(
      `ice-servers unasked while a tenth of ${inSeconds(expiresInMs)} is left`,
      `it came after ${inSeconds(after)}`,
    )
}

/** New credentials are good, too. */
async function renewedAccepted(t: CheckContext): Promise<void> {
  const { second } = await renewal(t)
  if (second === undefined) return t.couldNotRun('No ice-servers has come unasked: see ice.renewed')
  let asked = 0
  await acceptAll(t, async () => {
    asked += 1
    if (asked === 1) return second
    return askForServers(t, await t.client())
  })
}

async function strangersGetNone(t: CheckContext): Promise<void> {
  const { stray } = await renewal(t)
  if (stray !== undefined) throw toWhoDidNotAsk(stray)
}

async function othersGetNone(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  await askForServers(t, a)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  if (b.all('ice-servers').length > 0) throw toWhoDidNotAsk('ice-servers came')
}

function toWhoDidNotAsk(actual: string): CheckFailure {
  return new CheckFailure(`no ice-servers for a client that has not sent ${of}`, actual)
}

/** Neither the session secret nor the token stands in a username or credential, in whatever usual spelling. */
async function holdsNoSecret(t: CheckContext): Promise<void> {
  const token = t.target.needsAuth ? await t.token() : undefined
  const a = await t.client({ anonymous: true })
  if (token !== undefined) {
    const outcome = await requestInTime(a, { type: 'auth', method: 'token', token })
    if (outcome.type !== 'authenticated') throw refusedToken(t.target.users[0], String(outcome.code))
  }
  const { message } = await askForServers(t, a)
  const secrets = [
    { name: "the client's session secret", value: a.session },
    ...(token === undefined ? [] : [{ name: "the client's token", value: token }]),
  ]
  for (const server of message.iceServers) {
    if (!isTurnServer(server)) continue
    for (const { name, value } of secrets) {
      const member = (['username', 'credential'] as const).find((each) => holds(server[each], value))
      if (member !== undefined) throw new CheckFailure(`a ${member} without secrets`, `it holds ${name}`)
    }
  }
}

function holds(text: string, secret: string): boolean {
  if (secret === '') return false
  const bytes = Buffer.from(secret)
  const spellings = (['base64', 'base64url', 'hex'] as const).map((encoding) =>
    bytes.toString(encoding).replace(/=+$/, ''),
  )
  return [secret, ...spellings].some((spelling) => text.toLowerCase().includes(spelling.toLowerCase()))
}

/** Two users, or where nobody authenticates two peers, can be told apart at the TURN server. */
async function namesDiffer(t: CheckContext): Promise<void> {
  const byUser = t.target.needsAuth
  if (byUser) requireTwoUsers(t)
  const names = await Promise.all(
    [0, 1].map(async (user) => {
      const { message } = await askForServers(t, await t.client(byUser ? { user } : {}))
      if (message.expiresInMs === undefined)
        return t.notApplicable('The credentials do not end: they are the same for everybody')
      return trialsOf(message.iceServers).map(({ username }) => username)
    }),
  )
  const [one = [], other = []] = names
  if (one.length === 0) t.notApplicable('ice-servers names no TURN server')
  const shared = one.find((name) => other.includes(name))
  if (shared !== undefined)
    throw new CheckFailure(
      `usernames of their own for two ${byUser ? 'users' : 'peers'}`,
      'both have the same',
    )
}

const capability = 'ice-servers'

/** Checks of spec/ice-servers.md on the wire. */
export const iceServersChecks: readonly Check[] = [
  check('ice.reply', 'the answer to get-ice-servers', answers, { capability }),
  check('ice.accepted', 'an allocation at each TURN server', credentialsAccepted, { capability }),
  check('ice.accepted', 'an allocation with credentials that came unasked', renewedAccepted, {
    capability,
    name: 'renewed',
    waits: true,
  }),
  check('ice.accepted', 'an allocation shortly before the credentials end', acceptedToTheEnd, {
    capability,
    name: 'to-the-end',
    waits: true,
  }),
  check('ice.renewed', 'ice-servers unasked before the last credentials end', renews, {
    capability,
    waits: true,
  }),
  check('ice.overlap', 'the time left when new credentials come', overlaps, { capability, waits: true }),
  check('ice.only-asked', 'a member of the room of one who asks', othersGetNone, { capability }),
  check('ice.only-asked', 'one who is there when others get new credentials', strangersGetNone, {
    capability,
    name: 'renewal',
    waits: true,
  }),
  check('ice.no-secret', 'session secret and token in username and credential', holdsNoSecret, {
    capability,
  }),
  check('ice.own', 'usernames of two users', namesDiffer, { capability }),
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { ordinaryBudget } from '../../engine/cost.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { WebSocketControls } from '../../transport/transport.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { tokenOf } from '../scene/token.ts'
import { announcedIdleMs, leeway } from './patience.ts'
import { calledOff } from './called-off.ts'

/** Milliseconds that a server has to wait for hello, and for authentication: connection.hello-wait, auth.wait. */
const leastWaitMs = 10_000

/** Milliseconds after which a server may wait no longer: connection.hello-timeout. */
const helloTimeoutMs = 60_000

/** How long an ordinary run looks at what takes longer, in milliseconds. */
const glanceMs = 1000

/** `idleSeconds` in milliseconds, for a check that waits several times as long. */
function idleMs(t: CheckContext, times: number, what: string): number {
  const idle = announcedIdleMs(t)
  t.cost({ ms: idle * times }, what)
  return idle
}

function endedEarly(expected: string, began: number): CheckFailure {
  return new CheckFailure(expected, `it ended after ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

/** Looks for as long as an ordinary run may: what ends at once is seen to, and for the rest there is no judgement. */
async function glance(t: CheckContext, a: Endpoint, failure: (began: number) => CheckFailure): Promise<void> {
  if (t.exhaustive) return
  const began = performance.now()
  if (await a.endsWithin(glanceMs)) throw failure(began)
  t.notObserved(
    `Nothing happened in ${String(glanceMs / 1000)} s: run with --exhaustive to wait for the whole time`,
  )
}

function controlsOf(t: CheckContext, endpoint: Endpoint): WebSocketControls {
  return endpoint.link.webSocket ?? t.notApplicable('The binding has no pings of its own')
}

/** Waits while sending nothing but pings of the binding. */
async function endsAmidPings(
  endpoint: Endpoint,
  controls: WebSocketControls,
  ms: number,
  everyMs: number,
): Promise<boolean> {
  const until = performance.now() + ms
  for (let left = ms; left > 0; left = until - performance.now()) {
    if (await endpoint.endsWithin(Math.min(everyMs, left))) return true
    void controls.ping('alive')
  }
  return false
}

/** A connection that is to end for what did not come. */
function expectTimeout(a: Endpoint, ended: boolean, code: string, within: string): void {
  const expected = `the end of the connection with the fatal error ${code} ${within}`
  if (!ended) throw new CheckFailure(expected, 'it was still open')
  const [error] = a.all('error', ({ fatal }) => fatal)
  if (!error) throw new CheckFailure(expected, 'it ended without an error')
  if (error.code !== code) throw new CheckFailure(expected, `it ended with ${error.code}`)
}

async function waitsForHello(t: CheckContext): Promise<void> {
  // Taken before the connection opens: the server's own time begins later.
  const began = performance.now()
  const a = await t.open()
  const expected = 'a connection that stays open for 10 s without hello'
  await glance(t, a, (since) => endedEarly(expected, since))
  if (await a.endsWithin(began + leastWaitMs - leeway(t) - performance.now())) {
    throw endedEarly(expected, began)
  }
  await expectAccepted(a.post({ type: 'hello', versions: [1] }), 'welcome', 'a hello 10 s after the opening')
}

/** The time for auth runs from welcome, however late that came. */
async function waitsForAuthAfterLateHello(t: CheckContext): Promise<void> {
  const token = await tokenOf(t)
  const a = await opensLate(t)
  const began = performance.now()
  const welcomed = await a.request({ type: 'hello', versions: [1] })
  // How long a server waits for hello is judged elsewhere.
  if (welcomed.type !== 'welcome')
    t.couldNotRun('The server did not wait for hello: see connection.hello-wait')
  if (await a.endsWithin(began + leastWaitMs - leeway(t) - performance.now()))
    throw endedEarly(
      'a connection that stays open for 10 s after welcome without auth, where hello came 10 s after the opening',
      began,
    )
  await expectAccepted(
    a.post({ type: 'auth', method: 'token', token }),
    'authenticated',
    'an auth 10 s after welcome, where hello came 10 s after the opening',
  )
}

/** A connection on which nothing was said for as long as a server has to wait for hello. */
async function opensLate(t: CheckContext): Promise<Endpoint> {
  const began = performance.now()
  const a = await t.open()
  if (await a.endsWithin(began + leastWaitMs - leeway(t) - performance.now()))
    t.couldNotRun('The server did not wait for hello: see connection.hello-wait')
  return a
}

async function waitsForAuth(t: CheckContext): Promise<void> {
  const waits = t.exhaustive ? [waitsForFirstAuth, waitsForAuthAfterLateHello] : [waitsForFirstAuth]
  const outcomes = await Promise.allSettled(waits.map((wait) => wait(t)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

async function waitsForFirstAuth(t: CheckContext): Promise<void> {
  const token = await tokenOf(t)
  const began = performance.now()
  const a = await t.client({ anonymous: true })
  const expected = 'a connection that stays open for 10 s after welcome without auth'
  await glance(t, a, (since) => endedEarly(expected, since))
  if (await a.endsWithin(began + leastWaitMs - leeway(t) - performance.now())) {
    throw endedEarly(expected, began)
  }
  await expectAccepted(
    a.post({ type: 'auth', method: 'token', token }),
    'authenticated',
    'an auth 10 s after welcome',
  )
}

/** A hello that was refused is none: the time for it goes on. */
async function endsAfterRefusedHello(t: CheckContext): Promise<void> {
  t.cost({ ms: helloTimeoutMs }, 'Waiting until hello is overdue')
  const a = await t.open()
  const id = a.sendBroken({ type: 'hello', versions: '1' })
  const { code } = await a.outcome(id, { what: 'an error for a hello whose versions are a string' })
  if (a.end ?? a.all('error', ({ fatal }) => fatal).at(0))
    t.notApplicable('The server ends a connection whose hello it refuses')
  if (code === undefined) t.couldNotRun('The server did not refuse a malformed hello')
  const ended = await a.endsWithin(helloTimeoutMs)
  expectTimeout(
    a,
    ended || (await a.endsInTime()),
    'hello-timeout',
    'within 60 s, after a hello that was refused',
  )
}

async function endsWithoutHello(t: CheckContext, pings: boolean): Promise<void> {
  t.cost({ ms: helloTimeoutMs }, 'Waiting until hello is overdue')
  const a = await t.open()
  const ended = pings
    ? await endsAmidPings(a, controlsOf(t, a), helloTimeoutMs, 4000)
    : await a.endsWithin(helloTimeoutMs)
  expectTimeout(a, ended || (await a.endsInTime()), 'hello-timeout', 'within 60 s')
}

/** Fatal errors that say that silence was not why the connection ended. */
function endedForOther(a: Endpoint): string | undefined {
  return a.all('error', ({ fatal, code }) => fatal && code !== 'idle-timeout')[0]?.code
}

async function staysOpen(t: CheckContext): Promise<void> {
  const idle = announcedIdleMs(t)
  const a = await t.client({ connect: { answerPings: false } })
  const began = performance.now()
  await a.sync()
  const expected = `a connection that stays open for the ${String(idle / 1000)} s of idleSeconds after the last frame of its client`
  if (idle > ordinaryBudget.ms) await glance(t, a, (since) => notForSilence(t, a, since, expected))
  if (await a.endsWithin(began + idle - leeway(t) - performance.now()))
    throw notForSilence(t, a, began, expected)
  await a.sync()
}

async function staysOpenByPings(t: CheckContext): Promise<void> {
  const idle = idleMs(t, 2, 'Waiting for longer than idleSeconds')
  const a = await t.client({ connect: { answerPings: false } })
  const began = performance.now()
  if (await endsAmidPings(a, controlsOf(t, a), idle * 2 + t.dueMs, idle / 3)) {
    throw notForSilence(t, a, began, 'a connection that pings of the binding keep open')
  }
  await a.sync()
}

function notForSilence(t: CheckContext, a: Endpoint, began: number, expected: string): CheckFailure {
  const other = endedForOther(a)
  if (other !== undefined) t.notObserved(`The connection ended for another reason: ${other}`)
  return endedEarly(expected, began)
}

async function endsWhenIdle(t: CheckContext): Promise<void> {
  const idle = idleMs(t, 2, 'Waiting until a silent connection is overdue')
  const a = await t.client({ connect: { answerPings: false } })
  await a.sync()
  const ended = (await a.endsWithin(2 * idle)) || (await a.endsInTime())
  const other = endedForOther(a)
  if (other === 'token-expired') t.notObserved('The authentication ended first')
  expectTimeout(a, ended, 'idle-timeout', `within twice the ${String(idle / 1000)} s of idleSeconds`)
}

/** A server that announces less than 120 s has to send pings: one comes before the connection ends for silence. */
async function pingsWhereIdleIsShort(t: CheckContext): Promise<void> {
  const { idleSeconds } = t.target.welcome.limits as { readonly idleSeconds?: unknown }
  if (typeof idleSeconds === 'number' && idleSeconds >= 120) return
  const idle = idleMs(t, 2, 'Waiting for a ping of the server, which idleSeconds under 120 asks for')
  const a = await t.client({ connect: { answerPings: false } })
  const { pinged } = controlsOf(t, a)
  const came = await Promise.race([
    pinged.then(() => true),
    a.endsWithin(2 * idle).then(async (ended) => {
      if (!ended) await a.endsInTime()
      return false
    }),
  ])
  if (came) return
  throw new CheckFailure(
    'idleSeconds of 120 or more from a server that sends no pings',
    `it announces ${String(idle / 1000)} and sent no ping to a silent client`,
  )
}

/** Checks of spec/connection.md and spec/authentication.md that are about how long a server waits. */
export const timeChecks: readonly Check[] = [
  check('connection.hello-wait', 'a hello that comes late', waitsForHello, { waits: true }),
  check('auth.wait', 'an auth that comes late', waitsForAuth, { waits: true }),
  check(
    'connection.hello-wait',
    'no hello-timeout once hello has come',
    (t) => calledOff(t, 'connection.hello-wait'),
    { name: 'over', last: true },
  ),
  check('auth.wait', 'no auth-timeout once auth has come', (t) => calledOff(t, 'auth.wait'), {
    name: 'over',
    last: true,
  }),
  check('connection.hello-timeout', 'a connection without hello', (t) => endsWithoutHello(t, false)),
  check('connection.hello-timeout', 'a hello that was refused', endsAfterRefusedHello, { name: 'refused' }),
  check('connection.hello-timeout', 'pings of the binding are no hello', (t) => endsWithoutHello(t, true), {
    name: 'pings',
  }),
  check('connection.idle-minimum', 'silence for as long as idleSeconds allow', staysOpen, { waits: true }),
  check('connection.idle-minimum', 'pings of the binding are signs of life', staysOpenByPings, {
    name: 'pings',
  }),
  check('connection.idle-timeout', 'a client that has gone silent', endsWhenIdle),
  check('connection.idle-without-ping', 'short idleSeconds come with pings', pingsWhereIdleIsShort),
]

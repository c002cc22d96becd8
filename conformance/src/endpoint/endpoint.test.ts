import { afterEach, expect, it, vi } from 'vitest'
import type { CheckFailure } from '../engine/failure.ts'
import type { Link } from '../transport/transport.ts'
import { Endpoint } from './endpoint.ts'
import { nothingHeld } from './outbox.ts'
import { Patience } from './patience.ts'
import type { Wire } from './wire.ts'

afterEach(() => {
  vi.useRealTimers()
})

function silentEndpoint(timeoutScale = 1): Endpoint {
  return new Endpoint('A', {
    patience: new Patience(timeoutScale),
    judge: {
      client: () => undefined,
      server: () => undefined,
      inCalls: { client: () => undefined, server: () => undefined },
      knowsServerType: () => true,
    },
    record: () => undefined,
    observer: {
      sent: () => undefined,
      received: () => undefined,
      foreign: () => undefined,
      faulty: () => undefined,
      ended: () => undefined,
    },
    stillThere: () => Promise.resolve(true),
    pace: () => undefined,
    held: nothingHeld(),
  })
}

/** A link that carries nothing, and notes how it was ended. */
function idleLink(calls: string[] = []): Link {
  return {
    send: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => calls.push('close'),
    abort: () => calls.push('abort'),
    unsentBytes: 0,
    webSocket: undefined,
  }
}

it('attach() cuts a link that is there only after close(), so that no connection is left behind', () => {
  const calls: string[] = []
  const link = idleLink(calls)
  const late = silentEndpoint()
  late.close()
  late.attach(link)
  expect(calls).toEqual(['abort'])
  const ordinary = silentEndpoint()
  ordinary.attach(link)
  expect(calls).toEqual(['abort'])
})

it('lapse goes by the moment at which the fatal error came, not by when somebody asks', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const end = JSON.stringify({ type: 'error', code: 'auth-timeout', message: 'Too late', fatal: true })
  const welcome = JSON.stringify({ type: 'welcome', auth: ['token'] })
  const [early, late] = [silentEndpoint(), silentEndpoint()]
  for (const { events } of [early, late]) events.onText(welcome)
  vi.advanceTimersByTime(9000)
  early.events.onText(end)
  vi.advanceTimersByTime(2000)
  late.events.onText(end)
  expect(early.lapse).toBeUndefined()
  expect(late.lapse).toEqual({ code: 'auth-timeout', words: 'no authentication 11.0 s after its opening' })
})

/** What is said of a join whose outcome does not come on a connection that ends with an error. */
async function saidOf(error: Wire): Promise<unknown> {
  const endpoint = silentEndpoint()
  endpoint.attach(idleLink())
  const { outcome, id } = endpoint.post({ type: 'join', room: 'r' })
  endpoint.events.onText(JSON.stringify({ type: 'error', message: '', fatal: true, ...error }))
  endpoint.events.onEnd({ code: 4400, reason: '', byUs: false, orderly: true })
  expect(id).toBe('A1')
  return outcome().catch((failure: unknown) => (failure as CheckFailure).actual)
}

it.each([
  [{ code: 'hello-required' }, ' hello-required, without ref'],
  [{ code: 'hello-required', ref: 'x' }, ' hello-required, with the ref "x"'],
  [{ code: 'internal', of: 'join' }, ' internal, without ref'],
  [{ code: 'internal', of: 'update' }, ' internal'],
  [{ code: 'replaced' }, ' replaced'],
])('outcome() says of the end with %j whether it came without the ref', async (error, words) => {
  expect(await saidOf(error)).toBe(`the connection ended first with the fatal error${words}`)
})

it('waitFor() says of a silence that a fatal error had come before', async () => {
  const endpoint = silentEndpoint(0)
  endpoint.attach(idleLink())
  endpoint.events.onText(JSON.stringify({ type: 'error', code: 'replaced', message: '', fatal: true }))
  endpoint.post({ type: 'ping' })
  await expect(endpoint.expect('joined')).rejects.toThrow(
    /; what came is the fatal error replaced, without ref$/,
  )
})

import { afterEach, expect, it, vi } from 'vitest'
import type { Link } from '../transport/transport.ts'
import { Endpoint } from './endpoint.ts'
import { nothingHeld } from './outbox.ts'
import { Patience } from './patience.ts'

afterEach(() => {
  vi.useRealTimers()
})

function silentEndpoint(): Endpoint {
  return new Endpoint('A', {
    patience: new Patience(1),
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

it('attach() cuts a link that is there only after close(), so that no connection is left behind', () => {
  const calls: string[] = []
  const link: Link = {
    send: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => calls.push('close'),
    abort: () => calls.push('abort'),
    unsentBytes: 0,
    webSocket: undefined,
  }
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

import { expect, it } from 'vitest'
import type { Link } from '../transport/transport.ts'
import { Endpoint } from './endpoint.ts'
import { nothingHeld } from './outbox.ts'
import { Patience } from './patience.ts'

function silentEndpoint(): Endpoint {
  return new Endpoint('A', {
    patience: new Patience(1),
    judge: {
      client: () => undefined,
      server: () => undefined,
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

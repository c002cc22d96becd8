import {
  CallEndpoint,
  createPeers,
  type DeliveredCallMessage,
  type PeerConnection,
} from '@parley/conformance'
import { createServer } from '@parley/reference-server'
import { expect, test } from 'vitest'
import { startCuttingProxy, type Cut } from './cutting-proxy.ts'
import { deferred } from './deferred.ts'
import { SessionClient } from './session-client.ts'

/** Calls one after another, each with an offer, its candidates, a renegotiation and a hangup. */
const calls = 6

/** Where each connection breaks, one after another: in the middle of an offer, of candidates, and while a session is resumed. */
const breaks = [2000, 3100, 700, 2600, 5000, 900, 4100, 1500, 6100, 350, 2900]

const setup = async (peer: PeerConnection) => {
  await peer.createDataChannel('data')
}

test('real peers connect, and renegotiate, while their signaling is cut again and again', async () => {
  const server = createServer({ ratePerSecond: 0, resumeSeconds: 120 })
  const { url } = await server.listen()
  let drawn = 0
  const draw = (): Cut => {
    const afterBytes = breaks[drawn % breaks.length] ?? Infinity
    drawn += 1
    return { afterBytes, kind: drawn % 4 === 0 ? 'half-open' : 'both' }
  }
  await using proxy = await startCuttingProxy(url, draw)
  await using peers = createPeers('wrtc')
  expect(peers.unavailable).toBeUndefined()
  const faults: string[] = []

  const party = async (name: string) => {
    const joined = deferred()
    const told: string[] = []
    const client: SessionClient = new SessionClient(proxy.url, {
      onFault: (fault) => {
        faults.push(`${name}: ${fault}`)
      },
      onMessage: ({ seq: _seq, ack: _ack, ...message }) => {
        const type = String(message['type'])
        if (type === 'joined') joined.resolve()
        if (type.startsWith('peer-')) told.push(type)
        if ('from' in message) endpoint.receive(message as unknown as DeliveredCallMessage)
      },
    })
    const endpoint = new CallEndpoint({
      room: 'r1',
      peers,
      signaling: {
        send: (message) => {
          client.send({ ...message })
        },
      },
      incoming: () => ({ setup }),
    })
    await client.welcomed
    client.send({ type: 'join', room: 'r1' })
    await joined.promise
    return { client, endpoint, told }
  }
  const ada = await party('ada')
  const ben = await party('ben')
  for (let count = 0; count < calls; count += 1) {
    const caller = await ada.endpoint.call(ben.client.peer, { setup })
    const callee = await ben.endpoint.nextCall(({ place }) => place.id === caller.place.id)
    await Promise.all([caller.connected(), callee.connected()])
    await caller.echo(`call ${String(count)}`)
    await caller.negotiate({ iceRestart: true })
    await callee.echo(`call ${String(count)}, restarted`)
    expect([...caller.errors, ...callee.errors]).toEqual([])
    await caller.hangup()
  }
  expect(faults).toEqual([])
  expect(proxy.cuts).toBeGreaterThan(5)
  expect(ada.client.resumes + ben.client.resumes).toBeGreaterThan(3)
  expect([...ada.told, ...ben.told]).toEqual(['peer-joined'])
  for (const { client, endpoint } of [ada, ben]) {
    await endpoint[Symbol.asyncDispose]()
    client.close()
  }
  await server.close()
}, 120_000)

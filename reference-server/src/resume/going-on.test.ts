import { EventEmitter, once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { TestClient } from '../client.test.support.ts'
import { createServer, type Server } from '../index.ts'
import type { Router } from '../router.ts'

const servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** What takes its time in a router that is reached over a network: to say that a peer can no longer be reached. */
function slowDetach(inner: Router) {
  const answers = new EventEmitter()
  const asked = once(answers, 'asked')
  // One answer for whoever asks, whenever.
  const answer = once(answers, 'answer')
  answer.catch(() => undefined)
  const router: Router = {
    attach: (receiver) => inner.attach(receiver),
    deliver: (peer, frame) => inner.deliver(peer, frame),
    end: (peer, code, message) => inner.end(peer, code, message),
    detach: async (peer) => {
      await inner.detach(peer)
      answers.emit('asked')
      await answer
    },
  }
  return {
    router,
    asked,
    release: () => answers.emit('answer'),
    fail: (cause: Error) => answers.emit('error', cause),
  }
}

/** Somebody whose connection is lost, and a second one that asks for the session; the server has begun to make nobody's peer of it. */
async function openScene() {
  const routers: ReturnType<typeof slowDetach>[] = []
  const decorateRouter = (inner: Router) => {
    const slow = slowDetach(inner)
    routers.push(slow)
    return slow.router
  }
  const server = createServer({ ratePerSecond: 0 }, { decorateRouter })
  servers.push(server)
  const { url } = await server.listen()
  const client = () => TestClient.greeted(url, { resume: {}, calls: {} })
  const [ada, ben] = [await client(), await client()]
  const room = randomUUID()
  for (const person of [ben, ada]) {
    person.send({ type: 'join', room, seq: 1 })
    await person.next('joined')
  }
  ada.webSocket.terminate()
  await ada.closed
  await ben.settled()
  const later = await client()
  later.send({ type: 'resume', session: ada.session, ack: 1 })
  const [slow] = routers
  if (slow === undefined) throw new Error('The server has no router')
  await slow.asked
  return { slow, client, ada, ben, later, room }
}

test('is said when the peer of the new connection is nobody’s any more', async () => {
  const { slow, ben, later, ada, room } = await openScene()
  later.send({ type: 'leave', room, seq: 2 })
  await ben.settled()
  expect(later.received).toEqual([])
  slow.release()
  expect(await later.next('resumed')).toMatchObject({ peer: ada.peer, ack: 1 })
  ben.send({ type: 'invite', call: randomUUID().replaceAll('-', ''), callee: { peer: later.peer }, seq: 2 })
  expect(await ben.next('error')).toMatchObject({ code: 'user-unavailable' })
  // What has come meanwhile has waited, and counts.
  expect(await ben.next('peer-left')).toMatchObject({ peer: ada.peer, reason: 'leave' })
})

test('leaves the session to wait where the new connection is lost meanwhile', async () => {
  const { slow, ben, later, ada, client } = await openScene()
  later.webSocket.terminate()
  await later.closed
  await ben.settled()
  slow.release()
  const last = await client()
  last.send({ type: 'resume', session: later.session, ack: 0 })
  expect(await last.next('error')).toMatchObject({ code: 'resume-failed' })
  last.send({ type: 'resume', session: ada.session, ack: 1 })
  expect(await last.next('resumed')).toMatchObject({ peer: ada.peer, ack: 1 })
  expect(ben.received.filter(({ type }) => type === 'peer-left')).toEqual([])
})

test('is said also where the port fails', async () => {
  const { slow, later, ada } = await openScene()
  slow.fail(new Error('the network is gone'))
  expect(await later.next('resumed')).toMatchObject({ peer: ada.peer })
})

test('ends the new connection where the session ends meanwhile', async () => {
  const { slow, later, ada, ben } = await openScene()
  void slow.router.end(ada.peer, 'kicked', 'Out')
  await ben.settled()
  slow.release()
  expect(await later.next('error')).toMatchObject({ code: 'internal', fatal: true })
  expect(await later.closed).toBe(4450)
  expect(await ben.next('peer-left')).toMatchObject({ peer: ada.peer, reason: 'kicked' })
})

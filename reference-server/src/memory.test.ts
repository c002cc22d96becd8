import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { TestClient, TestClock } from './client.test.support.ts'
import { createServer } from './index.ts'

const call = '0'.repeat(32)

test('ten thousand joins of one peer leave no more rooms than it may have', async () => {
  const server = createServer({ ratePerSecond: 0 })
  const { url } = await server.listen()
  const client = await TestClient.greeted(url)
  for (let index = 0; index < 10_000; index += 1)
    client.send({ type: 'join', room: `room ${index}`, data: 'x'.repeat(500) })
  await client.settled()
  expect(client.received.filter(({ type }) => type === 'joined')).toHaveLength(64)
  expect(client.received.filter(({ code }) => code === 'forbidden')).toHaveLength(10_000 - 64)
  expect((await server.health()).rooms).toBe(64)
  client.webSocket.close()
  await client.closed
  await expect.poll(async () => (await server.health()).rooms).toBe(0)
  await server.close()
})

test('a client that does not read loses its connection, and holds no more than its bound', async () => {
  const bufferedBytes = 1_000_000
  const server = createServer({ ratePerSecond: 0, bufferedBytes })
  const { url } = await server.listen()
  const [sender, reader] = [await TestClient.greeted(url), await TestClient.greeted(url)]
  for (const client of [reader, sender]) {
    client.send({ type: 'join', room: 'r' })
    await client.next('joined')
  }
  reader.webSocket.pause()
  const message = {
    type: 'offer',
    room: 'r',
    to: reader.peer,
    call,
    negotiation: 1,
    sdp: 'v'.repeat(100_000),
  }
  while (!sender.received.some(({ type }) => type === 'peer-left')) {
    sender.send(message)
    await sender.settled()
  }
  expect(await sender.next('peer-left')).toMatchObject({ peer: reader.peer, reason: 'lost' })
  reader.webSocket.resume()
  await reader.closed
  await expect.poll(async () => (await server.health()).connections).toBe(1)
  await server.close()
}, 20_000)

test('a client that reads as fast as it can keeps its connection, however much comes for it at once', async () => {
  const server = createServer({ ratePerSecond: 0, bufferedBytes: 65_536 })
  const { url } = await server.listen()
  const [sender, reader] = [await TestClient.greeted(url), await TestClient.greeted(url)]
  for (const client of [reader, sender]) {
    client.send({ type: 'join', room: 'r' })
    await client.next('joined')
  }
  const message = { type: 'offer', room: 'r', to: reader.peer, call, negotiation: 1, sdp: 'v'.repeat(20_000) }
  for (let count = 0; count < 10; count += 1) sender.send(message)
  await sender.settled()
  await reader.settled()
  expect(reader.received.filter(({ type }) => type === 'offer')).toHaveLength(10)
  await server.close()
})

test('connections that are opened and abandoned are ended', async () => {
  const clock = new TestClock()
  const server = createServer({}, { clock })
  const { url } = await server.listen()
  const clients = await Promise.all(Array.from({ length: 50 }, () => TestClient.open(url)))
  clock.advance(14_500)
  expect((await server.health()).connections).toBe(50)
  clock.advance(1000)
  expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual(clients.map(() => 4408))
  for (const { received } of clients) expect(received).toMatchObject([{ code: 'hello-timeout', fatal: true }])
  await server.close()
})

test('a message that is far too large is not even read to its end', async () => {
  const server = createServer({ messageBytes: 65_536 })
  const { url } = await server.listen()
  const client = await TestClient.greeted(url)
  client.send({ type: 'ping', id: 'a', x: 'x'.repeat(66_000) })
  expect(await client.next('error')).toMatchObject({ code: 'too-large', ref: 'a' })
  client.send({ type: 'ping', id: 'b', x: 'x'.repeat(132_000) })
  expect(await client.closed).toBe(1009)
  await server.close()
})

test('a client that says goodbye and keeps its socket open does not stay', async () => {
  const server = createServer()
  const { url, port } = await server.listen()
  const witness = await TestClient.greeted(url)
  witness.send({ type: 'join', room: 'r' })
  await witness.next('joined')
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  )
  await once(socket, 'data')
  const frame = (opcode: number, text: string) =>
    Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
  socket.write(frame(1, '{"type":"hello","versions":[1]}'))
  socket.write(frame(1, '{"type":"join","room":"r"}'))
  await witness.next('peer-joined')
  socket.write(frame(8, ''))
  expect(await witness.next('peer-left')).toMatchObject({ reason: 'lost' })
  await expect.poll(async () => (await server.health()).connections, { timeout: 5000 }).toBe(1)
  socket.destroy()
  await server.close()
}, 10_000)

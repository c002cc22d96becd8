import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import { TestClient } from './client.test.support.ts'
import { createServer } from './index.ts'
import { createListener } from './listener.ts'
import { defaultOptions } from './option.ts'

const upgrade = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

/** The beginning of a TLS handshake (RFC 8446, section 4.1.2), which says how long it is and never comes to its end. */
const halfHello = Buffer.from('1603010200010001fc0303', 'hex')

/** Opens a socket, writes, and does not wait. */
function poke(port: number, text: string | Buffer): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(text)
  return socket
}

/** A certificate of its own, in files. */
async function tlsFiles(): Promise<{
  readonly folder: string
  readonly tlsCert: string
  readonly tlsKey: string
}> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-storm-'))
  const pems = await generate([{ name: 'commonName', value: 'localhost' }])
  const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await writeFile(tlsCert, pems.cert)
  await writeFile(tlsKey, pems.private)
  return { folder, tlsCert, tlsKey }
}

describe('a storm of connections', () => {
  test('that come and go at any point leaves nothing, and those who are there are served', async () => {
    await using server = createServer()
    const { url, port } = await server.listen()
    const client = await TestClient.greeted(url)
    for (let wave = 0; wave < 10; wave += 1) {
      const sockets = Array.from({ length: 100 }, (_, place) =>
        poke(port, upgrade.slice(0, Math.round((upgrade.length * place) / 99))),
      )
      const cut = sockets.map(async (socket, place) => {
        // Some before they are open, some once the server has answered, some in the middle of a frame.
        if (place % 3 === 1) await once(socket, 'connect')
        if (place === 99) {
          await once(socket, 'data')
          socket.write(Buffer.from([0x81, 0xfe, 0x7f]))
        }
        socket.destroy()
        await once(socket, 'close')
      })
      await Promise.all([...cut, client.settled()])
    }
    await expect.poll(async () => (await server.health()).connections).toBe(1)
    await client.settled()
  })
})

describe('half-open connections', () => {
  test('in the middle of a TLS handshake, or of a request, are ended, and nobody waits for them', async () => {
    const { folder, tlsCert, tlsKey } = await tlsFiles()
    const deadlines = {
      handshakeTimeout: 300,
      headersTimeout: 300,
      requestTimeout: 300,
      connectionsCheckingInterval: 100,
    }
    for (const options of [{ tlsCert, tlsKey }, {}]) {
      const listener = createListener({ ...defaultOptions, ...options }, () => undefined, deadlines)
      listener.listen(0, '127.0.0.1')
      await once(listener, 'listening')
      const { port } = listener.address() as AddressInfo
      const beginnings =
        'tlsCert' in options ? [halfHello, halfHello.subarray(0, 3)] : ['GET / HT', upgrade.slice(0, 60)]
      const sockets = beginnings.flatMap((text) => Array.from({ length: 20 }, () => poke(port, text)))
      await Promise.all(
        sockets.map(async (socket) => {
          socket.resume()
          await once(socket, 'close')
        }),
      )
      listener.close()
    }
    await rm(folder, { recursive: true })
  })

  test('do not keep a server over TLS from serving others', async () => {
    const { folder, tlsCert, tlsKey } = await tlsFiles()
    await using server = createServer({ tlsCert, tlsKey })
    const { port } = await server.listen()
    const sockets = Array.from({ length: 200 }, () => poke(port, halfHello))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () =>
        socket.write(upgrade),
      )
      socket.once('data', (data: Buffer) => {
        socket.destroy()
        resolve(data.toString())
      })
      socket.once('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    for (const socket of sockets) socket.destroy()
    await rm(folder, { recursive: true })
  })
})

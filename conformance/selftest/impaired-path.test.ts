import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { impairedPath } from './impaired-path.ts'

/** Exchanges so many bytes with a server that echoes, each after the answer to the one before. */
async function exchange(socket: Socket, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const answered = once(socket, 'data')
    socket.write('x')
    await answered
  }
}

test('of each connection one of the first pieces is held back, and no other connection with it', async () => {
  const echo = createServer((socket) => socket.pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const url = `ws://127.0.0.1:${String((echo.address() as AddressInfo).port)}`
  await using held = await impairedPath(url, { holdsMs: 60_000, seed: 'held' })
  await using free = await impairedPath(url, { seed: 'free' })
  const open = async (path: string) => {
    const socket = connect(Number(new URL(path).port), '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const through = new Set<Socket>()
  const sockets = await Promise.all(Array.from({ length: 8 }, () => open(held.url)))
  for (const socket of sockets)
    void exchange(socket, 12).then(
      () => through.add(socket),
      () => undefined,
    )
  const control = await open(free.url)
  await exchange(control, 200)
  expect(through.size).toBe(0)
  for (const socket of [...sockets, control]) socket.destroy()
  echo.close()
})

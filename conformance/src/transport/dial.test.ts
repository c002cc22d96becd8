import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  connect,
  createServer,
  type AddressInfo,
  type LookupFunction,
  type Server,
  type Socket,
} from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { AddressBook } from './address-book.ts'
import { dial } from './dial.ts'

const servers: Server[] = []
const sockets: Socket[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function listen(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => sockets.push(socket))
  servers.push(server)
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Addresses that a name has at the moment. */
function resolving(addresses: () => readonly string[]): LookupFunction {
  return (_host, _options, callback) => {
    callback(
      null,
      addresses().map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
}

/** Connects, and tells which addresses were tried; one alone is not listed by Node. */
async function dialed(addresses: AddressBook, port: number, attemptMs = 5000): Promise<[string, string[]]> {
  const signal = AbortSignal.timeout(20_000)
  const socket = await dial('two.example', port, { addresses, attemptMs, signal })
  sockets.push(socket)
  const tried = socket.autoSelectFamilyAttemptedAddresses as string[] | undefined
  return [socket.remoteAddress ?? '', (tried ?? []).map((each) => each.replace(/:\d+$/, ''))]
}

/**
 * An address that swallows who comes: a process that is stopped, with no place left in its queue.
 *
 * @param port - Free at the address.
 */
async function blackhole(host: string, port: number): Promise<void> {
  const script = `require('node:net').createServer().listen({ host: '${host}', port: ${String(port)}, backlog: 1 }, () => console.log('on'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  // Linux lets one more in than it was told.
  for (const _place of [1, 2]) {
    const filler = connect({ host, port })
    sockets.push(filler.on('error', () => undefined))
    await once(filler, 'connect')
  }
}

describe('a host name with two addresses', () => {
  test('of which the first refuses: the second is taken, and only the first connection tries the other', async () => {
    const port = await listen('127.0.0.1')
    const book = new AddressBook(resolving(() => ['127.0.0.2', '127.0.0.1']))
    expect(await dialed(book, port)).toEqual(['127.0.0.1', ['127.0.0.2', '127.0.0.1']])
    expect(await dialed(book, port)).toEqual(['127.0.0.1', []])
  })

  test('of both families', async () => {
    const port = await listen('127.0.0.1')
    const book = new AddressBook(resolving(() => ['::1', '127.0.0.1']))
    expect(await dialed(book, port)).toEqual(['127.0.0.1', ['::1', '127.0.0.1']])
    expect(await dialed(book, port)).toEqual(['127.0.0.1', []])
  })

  test.runIf(process.platform === 'linux')(
    'of which the first answers nothing: only the first connection waits for it',
    async () => {
      const port = await listen('127.0.0.1')
      await blackhole('127.0.0.2', port)
      const book = new AddressBook(resolving(() => ['127.0.0.2', '127.0.0.1']))
      expect(await dialed(book, port, 100)).toEqual(['127.0.0.1', ['127.0.0.2', '127.0.0.1']])
      expect(await dialed(book, port, 100)).toEqual(['127.0.0.1', []])
    },
  )

  test('which both live: each is taken as the name is resolved', async () => {
    const port = await listen('127.0.0.1')
    await listen('127.0.0.2', port)
    let order = ['127.0.0.1', '127.0.0.2']
    const book = new AddressBook(resolving(() => order))
    expect((await dialed(book, port))[0]).toBe('127.0.0.1')
    order = order.toReversed()
    expect((await dialed(book, port))[0]).toBe('127.0.0.2')
  })

  test('that change places: what was dead is tried again when nothing else lives', async () => {
    const port = await listen('127.0.0.1')
    const book = new AddressBook(resolving(() => ['127.0.0.2', '127.0.0.1']))
    await dialed(book, port)
    const [first] = servers.splice(0)
    first?.close()
    for (const socket of sockets.splice(0)) socket.destroy()
    if (first) await once(first, 'close')
    await listen('127.0.0.2', port)
    expect((await dialed(book, port))[0]).toBe('127.0.0.2')
  })

  test('which are both dead: the error is that of the system', async () => {
    const port = await listen('127.0.0.3')
    const book = new AddressBook(resolving(() => ['127.0.0.2', '127.0.0.1']))
    await expect(dialed(book, port)).rejects.toThrow(AggregateError)
    await expect(dialed(book, port)).rejects.toThrow(AggregateError)
  })
})

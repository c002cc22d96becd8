/**
 * What an idle connection costs the reference server: `npx tsx bench/idle-memory.ts [connections]`. Each connection has said
 * hello and joined a room of its own. Beside it a bare `ws` server with the same number of connections.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { RawClient } from './raw-client.ts'

const connections = Number(process.argv[2] ?? 2000)

interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
}

process.stdout.write(`${connections} idle connections, bytes for each\n`)
for (const kind of ['bare', 'parley']) {
  const child = fork(new URL('relay-server.ts', import.meta.url), [kind], {
    execArgv: [...process.execArgv, '--expose-gc'],
  })
  const { url } = (await answer(child)) as { url: string }
  await occupy(kind, url, 200, 'warm') // compiled code and first buffers are not the price of a connection
  const before = await memoryOf(child)
  await occupy(kind, url, connections, 'room')
  const after = await memoryOf(child)
  const each = (key: keyof Memory) => Math.round((after[key] - before[key]) / connections)
  process.stdout.write(
    `${kind.padEnd(8)} resident ${each('rss')}  heap ${each('heapUsed')}  outside the heap ${each('external')}\n`,
  )
  child.disconnect()
}
process.exit(0)

async function occupy(kind: string, url: string, count: number, name: string): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const client = await RawClient.open(url)
    if (kind === 'bare') continue
    const joined = client.next(({ type }) => type === 'joined')
    client.send({ type: 'hello', versions: [1] })
    client.send({ type: 'join', room: `${name}-${index}` })
    await joined
  }
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  child.send('memory')
  return (await answer(child)) as Memory
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve))
}

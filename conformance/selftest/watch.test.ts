import { main } from '@parley/conformance'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { minimalServerFile } from './running-server.ts'

/** The author's own server: a file that is mended and started again on the port that it had. */
let folder = ''
let port = 0
let child: ChildProcess | undefined
const file = () => join(folder, 'server.mjs')

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-watch-'))
  port = 0
})
afterEach(async () => {
  await stop()
  await rm(folder, { recursive: true })
})

async function write(slip?: readonly [from: string, to: string]): Promise<void> {
  const source = (await readFile(minimalServerFile, 'utf8')).replace(
    `'ws'`,
    JSON.stringify(import.meta.resolve('ws')),
  )
  const [from = '', to = ''] = slip ?? []
  expect(source).toContain(from)
  await writeFile(
    file(),
    source.replace(from, () => to),
  )
}

async function start(): Promise<string> {
  child = spawn(process.execPath, [file(), String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string]
  port = Number(new URL(url).port)
  return url
}

async function stop(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

const noPong = [`type: 'pong'`, `type: 'ping'`] as const
const only = [
  '--check',
  'connection.pong:anonymous,rooms.update-not-in-room',
  '--peers',
  'none',
  '--timeout-scale',
  '0.2',
]

/** The command, and what it has written. */
function watching(url: string, ...args: string[]) {
  let written = ''
  let read = 0
  let look: () => void = () => undefined
  const stdin = new PassThrough()
  const interrupt = new AbortController()
  const write = (text: string) => {
    written += text
    look()
  }
  const stream = { write }
  return {
    stdin,
    interrupt,
    ended: main([url, '--watch', ...only, ...args], {
      stdin,
      stdout: stream,
      stderr: stream,
      env: {},
      signal: interrupt.signal,
    }),
    /** Resolves with what was written up to the next place that matches. */
    until: (words: RegExp) =>
      new Promise<string>((resolve) => {
        look = () => {
          const found = words.exec(written.slice(read))
          if (!found) return
          const end = read + found.index + found[0].length
          resolve(written.slice(read, end))
          read = end
          look = () => undefined
        }
        look()
      }),
  }
}

test('a server that is mended and started again is asked first what failed, then everything', async () => {
  await write(noPong)
  const kit = watching(await start(), '--json', join(folder, 'result.json'))
  expect(await kit.until(/Waiting.*\n/)).toMatch(/1 failed[^]*a restart begins the check that fails again/)
  const result = async () => JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as object
  expect(await result()).toMatchObject({ verdict: 'non-conformant' })

  // Started again with the fault: that check alone.
  await stop()
  await start()
  const second = await kit.until(/Waiting.*\n/)
  expect(second).toMatch(/The server is back\.[^]* 1 checks?\n[^]*connection\.pong/)
  expect(second).not.toMatch(/ 2 checks\n/)

  await stop()
  await write()
  await start()
  const third = await kit.until(/Waiting.*\n/)
  expect(third).toMatch(/1 check failed and does not any more\. Now all of them:[^]* 2 checks\n[^]*2 passed/)
  expect(third).toContain('nothing fails; a restart begins the whole run again.')
  expect(await result()).toMatchObject({ verdict: 'incomplete', summary: { total: 2, pass: 2 } })
  kit.interrupt.abort()
  expect(await kit.ended).toBe(3)
})

test('a server that is not there yet is waited for; keys begin a run and end the watching', async () => {
  await write(noPong)
  const url = await start()
  await stop()
  const kit = watching(url)
  expect(await kit.until(/Waiting.*\n/)).toMatch(/Nothing listens[^]*the run begins when it answers/)
  await start()
  expect(await kit.until(/Waiting.*\n/)).toMatch(/The server is back\.[^]*1 failed/)
  kit.stdin.write('\n')
  expect(await kit.until(/Waiting.*\n/)).toMatch(/Once more\.[^]*1 failed/)
  kit.stdin.write('q\n')
  expect(await kit.ended).toBe(1)
})

test('a server that never answered ends with the exit code of one that is not there', async () => {
  await write()
  const url = await start()
  await stop()
  const kit = watching(url)
  await kit.until(/Waiting.*\n/)
  kit.interrupt.abort()
  expect(await kit.ended).toBe(4)
})

test('a file that changes below a watched folder begins a run', async () => {
  await write(noPong)
  const kit = watching(await start(), '--watch-path', folder)
  await kit.until(/Waiting.*\n/)
  await write()
  expect(await kit.until(/Waiting.*\n/)).toMatch(/A file has changed\.[^]*1 failed/)
  kit.interrupt.abort()
  expect(await kit.ended).toBe(1)
})

test('an address that cannot be one, and a path that is not there, are not waited for', async () => {
  expect(await watching('http://127.0.0.1:1/').ended).toBe(4)
  await write()
  const kit = watching(await start(), '--watch-path', join(folder, 'no-such-folder'))
  await kit.until(/Cannot watch ".*no-such-folder": ENOENT/)
  expect(await kit.ended).toBe(2)
})

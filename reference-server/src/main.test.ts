import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { TestClient } from './client.test.support.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function start(...words: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...words], {
    env: { PATH: process.env.PATH },
  })
  let [output, problems] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (problems += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output, problems }))
  return { child, ended }
}

describe('parley-server', { timeout: 30_000 }, () => {
  test('listens until it is told to stop, and logs JSON lines', async () => {
    const { child, ended } = start('--port=0')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { url } = JSON.parse(line.toString().split('\n')[0] ?? '') as { url: string }
    const client = await TestClient.greeted(url)
    client.send({ type: 'auth', method: 'token', token: 'never-to-be-logged' })
    await client.settled()
    child.kill('SIGTERM')
    expect(await client.closed).toBe(1001)
    const { code, output, problems } = await ended
    expect([code, problems]).toEqual([0, ''])
    expect(output).not.toContain('never-to-be-logged')
    expect(output).not.toContain(client.session)
    for (const text of output.trim().split('\n')) expect(JSON.parse(text)).toHaveProperty('msg')
  })

  test('exits with 2 and one line for an option that it cannot use', async () => {
    const { code, problems } = await start('--port=many').ended
    expect(code).toBe(2)
    expect(problems).toBe('parley-server: Bad value for --port: "many", expected an integer of 0 to 65535\n')
  })

  test('exits with 1 and a sentence when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, problems } = await start(`--port=${port}`).ended
    other.close()
    expect(code).toBe(1)
    expect(problems).toBe(`parley-server: Cannot listen on 127.0.0.1:${port}: the port is in use\n`)
  })
})

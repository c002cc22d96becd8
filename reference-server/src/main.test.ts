import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { TestClient } from './client.test.support.ts'
import { folderOfTest } from './folder.test.support.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function start(...words: string[]) {
  return startIn({}, ...words)
}

function startIn(environment: Readonly<Record<string, string>>, ...words: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...words], {
    env: { PATH: process.env.PATH, ...environment },
  })
  let [output, problems] = ['', '']
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (problems += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output, problems }))
  return { child, ended }
}

/** URL of a server that has been started. */
async function urlOf({ child }: ReturnType<typeof start>): Promise<string> {
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return (JSON.parse(line.toString().split('\n')[0] ?? '') as { url: string }).url
}

const folder = folderOfTest()
const file = (name: string, content: string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
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

  test('drains on SIGTERM, and ends at once at the second', async () => {
    const started = start('--port=0', '--drain-seconds=3600')
    const client = await TestClient.greeted(await urlOf(started), { drain: {} })
    started.child.kill('SIGTERM')
    await client.next('goaway')
    await client.settled()
    started.child.kill('SIGTERM')
    expect(await client.closed).toBe(1001)
    expect((await started.ended).code).toBe(0)
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

  test('lets in whom the secret of its environment has signed', async () => {
    const secret = 'a-secret-of-the-environment-of-40-bytes!'
    const started = startIn({ PARLEY_JWT_SECRET: secret }, '--port=0')
    const client = await TestClient.greeted(await urlOf(started))
    const sign = (key: string) =>
      new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1m')
        .sign(new TextEncoder().encode(key))
    client.send({ type: 'auth', method: 'token', token: await sign(secret.toUpperCase()) })
    expect(await client.next('error')).toMatchObject({ code: 'auth-failed' })
    client.send({ type: 'auth', method: 'token', token: await sign(secret) })
    expect(await client.next('authenticated')).toMatchObject({ user: 'ada' })
    started.child.kill('SIGTERM')
    const { output } = await started.ended
    expect(output).toContain('"reason":"signature"')
    expect(output).not.toContain(secret)
  })

  test('asks the module that it is given', async () => {
    const module = file(
      'module.mjs',
      "export default async (token) => (token === 'good' ? { user: 'ada' } : undefined)",
    )
    const started = start('--port=0', '--auth-module', module)
    const client = await TestClient.greeted(await urlOf(started))
    client.send({ type: 'auth', method: 'token', token: 'bad' })
    expect(await client.next('error')).toMatchObject({ code: 'auth-failed' })
    client.send({ type: 'auth', method: 'token', token: 'good' })
    expect(await client.next('authenticated')).toMatchObject({ user: 'ada' })
    started.child.kill('SIGTERM')
    expect((await started.ended).code).toBe(0)
  })

  test.each([
    ['/does/not/exist.mjs', /Cannot load the authenticator in \/does\/not\/exist.mjs: Cannot find module/],
    [file('syntax.mjs', 'export default ('), /Cannot load the authenticator in .*syntax.mjs: /],
    [file('throws.mjs', "throw new Error('no database')"), /in .*throws.mjs: no database\n/],
    [file('none.mjs', 'export const authenticate = () => undefined'), /its default export is no function/],
    [file('object.mjs', "export default { user: 'ada' }"), /its default export is no function/],
  ])('exits with 2 and one line for the module %s', async (module, expected) => {
    const { code, problems, output } = await start('--port=0', '--auth-module', module).ended
    expect(problems).toMatch(expected)
    expect(problems.trim().split('\n')).toHaveLength(1)
    expect([code, output]).toEqual([2, ''])
  })
})

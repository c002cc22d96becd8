import { createServer as createReferenceServer } from '@parley/reference-server'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readAction, variablesOf } from './action.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const action = readAction(readFileSync(join(repository, 'action.yml'), 'utf8'))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley action '))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** An `npx` that runs the built kit in place of the published one, and notes what it was asked for. */
function fakeNpx(): string {
  const kit = join(repository, 'conformance/dist/main.js')
  const script = `#!/usr/bin/env bash
printf '%s\\n' "$1" "$2" > '${join(folder, 'asked-for')}'
shift 2
exec '${process.execPath}' '${kit}' "$@"
`
  const path = join(folder, 'npx')
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  return folder
}

/** Runs the scripts of the action as a runner does: bash with its usual options, inputs and outputs by variables and files. */
async function runAction(given: Readonly<Record<string, string>>) {
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary.md')]
  for (const path of [output, summary]) writeFileSync(path, '')
  let code = 0
  let printed = ''
  for (const step of action.scripts) {
    const path = join(folder, 'script.sh')
    writeFileSync(path, step.script)
    const env = {
      PATH: [fakeNpx(), process.env['PATH']].join(delimiter),
      RUNNER_TEMP: join(folder, 'runner temp'),
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      ...variablesOf(step, action, given),
    }
    const words = ['--noprofile', '--norc', '-e', '-o', 'pipefail', path]
    code = await new Promise((resolve) => {
      execFile('bash', words, { cwd: folder, env }, (error, stdout, stderr) => {
        printed += `${stdout}${stderr}`
        resolve(error === null ? 0 : Number(error.code))
      })
    })
    if (code !== 0) break
  }
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n')
  const outputs = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]))
  return { code, printed, outputs, summary: readFileSync(summary, 'utf8') }
}

describe('the action', () => {
  test('passes on the exit code and the verdict, and writes summary and reports', async () => {
    const server = createReferenceServer({ port: 0, membersPerRoom: 8, roomsPerPeer: 12, dataBytes: 2048 })
    const { url } = await server.listen()
    const { code, outputs, summary, printed } = await runAction({ url, peers: 'none' }).finally(() =>
      server.close(),
    )
    expect(printed).toMatch(/^ {2}incomplete$/m)
    expect(code).toBe(3)
    expect(outputs).toMatchObject({ verdict: 'incomplete', 'exit-code': '3' })
    expect(summary).toContain('incomplete')
    const result = outputs['result'] ?? ''
    expect(JSON.parse(readFileSync(result, 'utf8'))).toMatchObject({ verdict: 'incomplete' })
    expect(readdirSync(join(folder, 'runner temp/parley-conformance')).toSorted()).toEqual([
      'junit.xml',
      'report.html',
      'result.json',
    ])
    expect(readFileSync(join(folder, 'asked-for'), 'utf8')).toBe(
      `--yes\n@parley/conformance@${action.inputs['version'] ?? ''}\n`,
    )
  })

  test('takes inputs as words, whatever they hold', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const url = `ws://127.0.0.1:${String(port)}/$(touch injected)";touch injected;"`
    const { code, outputs, printed } = await runAction({ url, peers: 'none' })
    expect(printed).toContain('Nothing listens')
    expect(code).toBe(4)
    expect(outputs).toMatchObject({ verdict: '', 'exit-code': '4' })
    expect(readdirSync(folder)).not.toContain('injected')
    expect((await runAction({ url: '--help', peers: 'none' })).code).toBe(4)
  })

  test('gives the kit the file of known failures', async () => {
    const { code, printed } = await runAction({ url: 'ws://127.0.0.1:1/', expect: 'no such file.json' })
    expect(printed).toContain('"no such file.json"')
    expect(code).toBe(2)
  })

  test('has the version of the kit as default, and outputs that its step writes', () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'conformance/package.json'), 'utf8')) as {
      version: string
    }
    expect(action.inputs['version']).toBe(version)
    const written = [...(action.scripts[0]?.script ?? '').matchAll(/echo "([\w-]+)=/g)].map(
      ([, name]) => name,
    )
    for (const [name, value] of Object.entries(action.outputs)) {
      expect(value).toBe(`\${{ steps.run.outputs.${name} }}`)
      expect(written).toContain(name)
    }
  })
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { flags, help } from '../cli-options.ts'
import { main } from '../cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'completion-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const stdout = { write: (text: string) => (out += text) }
  const stderr = { write: (text: string) => (err += text) }
  return { code: await main(args, { stdout, stderr, env: {} }), out, err }
}

/** What bash would offer for a line that ends at the cursor: it is asked as its own readline asks. */
async function offered(line: string): Promise<string[]> {
  const { out } = await run('completion', 'bash')
  writeFileSync(join(folder, 'completion.bash'), out)
  // bash breaks words at its own characters, colons among them.
  const words = line.split(/\s+|(?<=[:=])|(?=[:=])/)
  const program = `
    source completion.bash
    COMP_LINE=$1 COMP_POINT=\${#1}; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _parley_conformance
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const args = ['--noprofile', '--norc', '-u', '-c', program, 'bash', line, ...words]
  return execFileSync('bash', args, { cwd: folder, encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

describe('parley-conformance completion', () => {
  test('bash completes flags, and words behind them', async () => {
    expect(await offered('parley-conformance ws://localhost/ --ver')).toEqual(['--verbose', '--version'])
    expect(await offered('parley-conformance --peers ')).toEqual(['none', 'wrtc'])
    expect(await offered('parley-conformance --peers=w')).toEqual(['wrtc'])
    expect(await offered('parley-conformance comp')).toEqual(['compare', 'completion'])
    expect(await offered('parley-conformance completion f')).toEqual(['fish'])
    expect(await offered('parley-conformance --seed ')).toEqual([])
    expect(await offered('parley-conformance ws://loc')).toEqual([])
  })

  test('bash completes ids of checks, also behind a colon', async () => {
    expect(await offered('parley-conformance ws://localhost/ --check rooms.full')).toContain(
      'rooms.full:freed',
    )
    const behindColon = await offered('parley-conformance ws://localhost/ --check rooms.full:')
    expect(behindColon).toContain('freed')
    expect(await offered('parley-conformance --check no.such')).toEqual([])
  })

  test('bash completes files, with blanks in their names', async () => {
    writeFileSync(join(folder, 'my result.json'), '')
    for (const words of ['ws://localhost/ --json', 'compare', 'compare a.json', 'expect'])
      expect(await offered(`parley-conformance ${words} my`), words).toEqual(['my result.json'])
  })

  test('every shell gets every flag, and --help names each', async () => {
    const scripts = await Promise.all(['bash', 'fish', 'zsh'].map((shell) => run('completion', shell)))
    for (const name of Object.keys(flags)) {
      expect(help, name).toContain(`--${name}`)
      for (const { out } of scripts) expect(out, name).toMatch(new RegExp(`--${name}\\b|-l ${name}\\b`))
    }
  })

  test('another shell is told which there are', async () => {
    for (const words of [[], ['constructor'], ['bash', 'zsh']]) {
      const { code, err } = await run('completion', ...words)
      expect(code).toBe(2)
      expect(err).toContain('it has to be bash, fish, zsh')
    }
    expect((await run('completion', '--help')).out).toContain('source <(')
  })
})

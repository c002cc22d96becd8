import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CredentialError, readToken } from './credential.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('readToken()', () => {
  test('takes a token as it is', async () => {
    expect(await readToken('abc.def-1')).toBe('abc.def-1')
  })

  test('reads a file without its line end', async () => {
    await writeFile(join(folder, 'token'), 'from-file\n')
    expect(await readToken(`file:${join(folder, 'token')}`)).toBe('from-file')
  })

  test('takes what a command prints', async () => {
    expect(await readToken('command:printf from-command')).toBe('from-command')
  })

  test.each([
    ['env:PARLEY_NO_SUCH_VARIABLE', /"PARLEY_NO_SUCH_VARIABLE" is not set/],
    ['file:/no/such/file', /"\/no\/such\/file": ENOENT/],
    ['command:exit 3', /ended with 3/],
    ['command:true', /it is empty/],
    ['command:printf "one\\ntwo"', /more than one line/],
    ['gr\u00FC\u00DFe', /beyond printable ASCII/],
  ])('refuses %s with a sentence', async (source, words) => {
    await expect(readToken(source)).rejects.toThrow(CredentialError)
    await expect(readToken(source)).rejects.toThrow(words)
  })

  test('does not tell what a failing command printed', async () => {
    await expect(readToken('command:echo s3cret-token; exit 1')).rejects.not.toThrow(/s3cret/)
  })
})

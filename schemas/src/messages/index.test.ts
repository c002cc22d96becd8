import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as surface from '../index.ts'
import { definitions, messages } from './index.ts'

test('every file of this folder is registered, and nothing else', () => {
  const files = readdirSync(new URL('.', import.meta.url))
    .filter((name) => name.endsWith('.ts') && !/^index\.|\.test\./.test(name))
    .map((name) => name.slice(0, -'.ts'.length))
  expect(definitions.map(({ type }) => type).sort()).toEqual(files.sort())
})

test('every message is on the surface of the package', () => {
  const exported = new Set<unknown>(Object.values(surface))
  expect(definitions.filter((message) => !exported.has(message)).map(({ type }) => type)).toEqual([])
})

test.each(messages)(
  '$type has a reply only if a client sends it, and the server can',
  ({ direction, reply }) => {
    if (reply === undefined) return
    expect(direction).toBe('client')
    expect(messages.find(({ type }) => type === reply)?.direction).toBe('server')
  },
)

test.each(messages)(
  '$type has a delivered form exactly if it comes from another client',
  ({ direction, delivered }) => {
    expect(delivered !== undefined).toBe(direction === 'relayed' || direction === 'mediated')
  },
)

import { expect, test } from 'vitest'
import { OptionError } from '../option.ts'
import { startKeyServer } from './jwt.test.support.ts'
import { fetchKeySet, nameOf, readKeyUrl } from './key-url.ts'

test.each([
  'https://id.example/keys',
  'https://id.example:8443/keys?tenant=a',
  'http://localhost:8080/keys',
  'http://127.0.0.1/keys',
  'http://127.8.9.10/keys',
  'http://127.1/keys',
  'http://[::1]:1/keys',
  'http://id.localhost/keys',
])('readKeyUrl() takes %s', (text) => {
  expect(readKeyUrl(text).href).toBe(new URL(text).href)
})

test.each([
  'http://id.example/keys',
  'http://127.0.0.1.example/keys',
  'http://localhost.example/keys',
  'http://notlocalhost/keys',
  'http://10.0.0.1/keys',
  'http://[::2]/keys',
  'file:///etc/keys.json',
  'data:application/json,{}',
  'ftp://localhost/keys',
  'id.example/keys',
  '/keys',
  'https://planted:planted@id.example/keys',
  'https://planted@id.example/keys',
])('readKeyUrl() refuses %s', (text) => {
  expect(() => readKeyUrl(text)).toThrow(OptionError)
  expect(() => readKeyUrl(text)).not.toThrow(/planted/)
})

test('nameOf() leaves out what may be a secret', () => {
  expect(nameOf(new URL('https://id.example/keys?key=planted#planted'))).toBe('https://id.example/keys')
})

test('fetchKeySet() gives up on a server that does not answer, or does not come to an end', async () => {
  await using server = await startKeyServer()
  server.behaviour = () => undefined
  await expect(fetchKeySet(new URL(server.url), 20)).rejects.toThrow('no answer within 20 ms')
  server.behaviour = (response) => response.write('{"keys":')
  await expect(fetchKeySet(new URL(server.url), 20)).rejects.toThrow('no answer within 20 ms')
})

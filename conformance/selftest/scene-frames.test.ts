import { runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { mutants } from './mutants/index.ts'

test('a failure in the middle of a scene shows the frames that led to it, not those of what was played after it', async () => {
  const mutant = mutants.find(({ name }) => name === 'tells two other devices that one has declined')
  if (mutant === undefined) throw new Error('There is no such mutant any more')
  await using server = await mutant.start()
  const { url, tokens } = server
  const { checks } = await runConformance({
    url,
    tokens,
    checks: ['ring.decline:many-devices'],
    peers: 'none',
  })
  const [failed] = checks
  expect(failed?.verdict).toBe('fail')
  const decisive = failed?.transcript?.filter((entry) => entry.decisive) ?? []
  expect(decisive[0]?.text).toContain('"type":"reject"')
}, 60_000)

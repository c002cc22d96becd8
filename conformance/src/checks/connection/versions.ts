import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Outcome } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { unspokenVersion } from '../scene/version.ts'

async function hello(t: CheckContext, versions: readonly number[], expected?: string): Promise<Outcome> {
  const a = await t.open()
  return a.post({ type: 'hello', versions: [...versions] }).outcome(expected)
}

/** A hello whose list must lead to version 1. */
async function expectVersionOne(t: CheckContext, versions: readonly number[]): Promise<void> {
  const expected = `welcome with version 1 for hello with versions ${clip(JSON.stringify(versions))}`
  const { type, code, message } = await hello(t, versions, expected)
  if (type !== 'welcome')
    throw new CheckFailure(expected, `the outcome was ${code === undefined ? type : `the error ${code}`}`)
  if (message['version'] !== 1)
    throw new CheckFailure(expected, `welcome says version ${JSON.stringify(message['version'])}`)
}

/** Integers that have no room in 32 bits, in 64 bits with a sign, in 64 bits: each, as it is written, is exactly a double. */
const largeVersions = [2 ** 32 + 2, 1e19, 1e20, 1e22]

/** Versions that this kit does not know may be spoken: then the same highest one comes whatever the order of the list. */
async function sameInAnyOrder(t: CheckContext): Promise<void> {
  const lists = [
    [1, 2, 3],
    [3, 2, 1],
    [2, 1, 3, 2],
  ]
  const answers: unknown[] = []
  for (const versions of lists) {
    const { type, code, message } = await hello(t, versions)
    const what = `welcome with one of the versions ${JSON.stringify(versions)}`
    if (type !== 'welcome')
      throw new CheckFailure(what, `the outcome was ${code === undefined ? type : `the error ${code}`}`)
    if (!versions.includes(Number(message['version']))) {
      throw new CheckFailure(what, `welcome says version ${JSON.stringify(message['version'])}`)
    }
    answers.push(message['version'])
  }
  if (new Set(answers).size > 1) {
    throw new CheckFailure(
      'the same version whatever the order of hello.versions',
      `they were ${answers.join(', ')}`,
    )
  }
}

/** A hello without a version in common: refused, or answered with a version that it did list. */
async function refusesVersions(t: CheckContext, versions: readonly number[], id?: string): Promise<void> {
  const a = await t.open()
  a.send({ type: 'hello', versions: [...versions], ...(id === undefined ? {} : { id }) })
  const what = `the fatal error unsupported-version for hello with versions ${JSON.stringify(versions)}`
  const { message } = await a.waitFor(({ message: { type } }) => type === 'error' || type === 'welcome', what)
  // Whoever speaks a version that this kit does not know says so; nobody speaks the greatest integer there is.
  if (
    message['type'] === 'welcome' &&
    versions.includes(Number(message['version'])) &&
    message['version'] !== unspokenVersion
  )
    return
  if (message['type'] === 'welcome') {
    throw new CheckFailure(what, `welcome came with version ${JSON.stringify(message['version'])}`)
  }
  if (message['code'] !== 'unsupported-version')
    throw new CheckFailure(what, `the error was ${String(message['code'])}`)
  if (message['fatal'] !== true) throw new CheckFailure(what, 'it came with fatal false')
}

/** Checks of spec/versions.md, section Versions. */
export const versionChecks: readonly Check[] = [
  check('versions.highest', 'version 1 alone', (t) => expectVersionOne(t, [1]), { name: 'alone' }),
  check(
    'versions.highest',
    'versions that the server does not know are passed over',
    async (t) => {
      await expectVersionOne(t, [1, unspokenVersion])
      await expectVersionOne(t, [unspokenVersion, 1, unspokenVersion - 1])
      await expectVersionOne(t, [1, 1])
      for (const version of largeVersions) await expectVersionOne(t, [version, 1, version])
      const many = Array.from({ length: 1000 }, (_, index) => unspokenVersion - index)
      await expectVersionOne(t, [...many, 1])
    },
    { name: 'passed-over' },
  ),
  check('versions.highest', 'the order of the list says nothing', sameInAnyOrder, { name: 'order' }),
  check('versions.none-in-common', 'a hello without a version in common', async (t) => {
    for (const versions of [[unspokenVersion], [unspokenVersion - 1, unspokenVersion]])
      await refusesVersions(t, versions, 'h')
    await refusesVersions(t, [unspokenVersion])
    // The control: with version 1 in its place it is accepted.
    await expectVersionOne(t, [1])
  }),
  check(
    'versions.none-in-common',
    'a version is not taken for another',
    async (t) => {
      // Equal to 1 where somebody reads 8, 16 or 32 bits, or the first digit.
      for (const version of [257, 65_537, 4_294_967_297, 10, 11]) await refusesVersions(t, [version], 'h')
      await expectVersionOne(t, [1])
    },
    { name: 'look-alikes' },
  ),
]

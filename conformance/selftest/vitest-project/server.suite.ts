import { describeConformance } from '@parley/conformance/vitest'
import { afterAll, beforeAll } from 'vitest'
import { roomExitMutants } from '../mutants/room-exit.ts'
import { startReferenceServer, type RunningServer } from '../running-server.ts'

/** What an author of a server would write, but that the test which runs this chooses fault and options. */
const { FAULT: fault, OPTIONS: options = '{}', DOWN: down } = process.env

let server: RunningServer
beforeAll(async () => {
  const mutant = roomExitMutants.find(({ name }) => name === fault)
  server = await (mutant ? mutant.start() : startReferenceServer())
  if (down) await server[Symbol.asyncDispose]()
}, 10_000)
afterAll(() => server[Symbol.asyncDispose]())

describeConformance({
  url: () => server.url,
  tokens: () => server.tokens,
  ...(JSON.parse(options) as object),
})

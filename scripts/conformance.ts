import { main, readCliOptions, type CliOptions } from '@parley/conformance'
import { createServer } from '@parley/reference-server'
import { randomUUID } from 'node:crypto'

/**
 * `npm run conformance`: the kit's command, against the reference server unless a URL is given.
 */
async function run(args: readonly string[]): Promise<number> {
  const options = tryRead(args)
  if (!options || options.url !== undefined || options.help || options.list || options.version)
    return main(args)
  const [first, second] = [randomUUID(), randomUUID()]
  process.env['PARLEY_TOKEN'] = first
  process.env['PARLEY_TOKEN_2'] = second
  // Two users and small limits, so that an ordinary run can look at both sides of everything.
  const server = createServer({
    port: 0,
    membersPerRoom: 8,
    roomsPerPeer: 12,
    dataBytes: 2048,
    seeUsers: 'anyone',
    findRooms: 'joinable',
    tokens: [
      { token: first, user: 'ann' },
      {
        token: second,
        user: 'bob',
        grants: [
          { prefix: 'parley-', join: true, send: true },
          { prefix: 'listen-', join: true, send: false },
        ],
      },
    ],
  })
  const { url } = await server.listen()
  process.stderr.write(`No URL given: testing the reference server, started at ${url}\n`)
  try {
    return await main([url, ...args])
  } finally {
    await server.close()
  }
}

/** What the arguments say; `undefined` when they are wrong, which the command itself explains. */
function tryRead(args: readonly string[]): CliOptions | undefined {
  try {
    return readCliOptions(args, process.env)
  } catch {
    return undefined
  }
}

// A reader that has seen enough (`| head`) ends neither the run nor its exit code.
process.stdout.on('error', () => undefined)
process.exitCode = await run(process.argv.slice(2))

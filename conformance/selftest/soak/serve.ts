import { mutants } from '../mutants/index.ts'
import { faultyServers } from '../fuzz/faulty-server.ts'
import { startMinimalServer, startReferenceServer, type RunningServer } from '../running-server.ts'

/** What `--expose-gc` gives. */
const { gc } = globalThis as { gc?: () => void }

/**
 * A server in a process of its own, so that it can be stopped and loaded apart from the kit: `reference`, `core` (the same
 * without any capability), `minimal`, or a mutant by its name.
 * Writes its URL and tokens as one line of JSON, ends with its standard input, and answers each message of its parent with the bytes of its
 * heap that are in use.
 */
const [name = 'reference'] = process.argv.slice(2)
const server = await start(name)
process.stdout.write(`${JSON.stringify({ url: server.url, tokens: server.tokens })}\n`)
process.on('message', () => {
  gc?.()
  process.send?.(process.memoryUsage().heapUsed)
})
process.stdin.resume()
process.stdin.on('end', () => {
  process.exit()
})

function start(wanted: string): Promise<RunningServer> {
  if (wanted === 'reference') return startReferenceServer()
  if (wanted === 'core') return startReferenceServer({ capabilities: [] })
  if (wanted === 'minimal') return startMinimalServer(true)
  const faulty = faultyServers[wanted]
  if (faulty) return faulty()
  const mutant = mutants.find((each) => each.name === wanted)
  if (!mutant) throw new Error(`No server is called "${wanted}"`)
  return mutant.start()
}

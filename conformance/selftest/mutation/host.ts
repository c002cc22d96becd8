import { pathToFileURL } from 'node:url'
import { situations } from './situation.ts'

/** What the host tells its parent. */
export type HostMessage =
  | { readonly type: 'ready'; readonly urls: readonly string[] }
  | { readonly type: 'alive' }
  | { readonly type: 'covered'; readonly ids: readonly string[] }

/** What its parent asks it. */
export type HostQuestion = 'alive' | 'covered'

interface Coverage {
  static: Record<string, number>
}

interface ServerModule {
  readonly createServer: (options: object, seams: object) => { listen(): Promise<{ readonly url: string }> }
}

const tell = (message: HostMessage) => process.send?.(message)

// An orphan ends by itself.
process.on('disconnect', () => process.exit())
process.on('message', (question: HostQuestion) => {
  if (question === 'alive') {
    tell({ type: 'alive' })
    return
  }
  const space = globalThis as { __stryker__?: { mutantCoverage?: Coverage } }
  const coverage = space.__stryker__?.mutantCoverage
  tell({ type: 'covered', ids: Object.keys(coverage?.static ?? {}) })
  if (coverage !== undefined) coverage.static = {}
})

const { createServer } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as ServerModule
const urls: string[] = []
for (const { options, portsAnswerLater } of situations) {
  const seams = portsAnswerLater ? { decorateDirectory: answeringLater, decorateRouter: answeringLater } : {}
  const { url } = await createServer(options, seams).listen()
  urls.push(url)
}
tell({ type: 'ready', urls })

/** A port whose calls take effect at once, and whose answers come in a later turn of the event loop. */
function answeringLater<T extends object>(port: T): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...words: readonly unknown[]) => {
        const answer: unknown = Reflect.apply(member, target, words)
        await new Promise(setImmediate)
        return answer
      }
    },
  })
}

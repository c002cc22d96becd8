import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Address at which the hub is reached from every leaf. */
export const hubAddress = '10.201.9.1'

/**
 * Networks of their own on this machine: a hub, and leaves that reach the hub and not each other, as two homes behind NATs reach a TURN
 * server. Nothing outside of them is touched; they need the right to make network namespaces (root) and `ip` (iproute2).
 */
export interface SplitNetwork extends AsyncDisposable {
  /** Runs the command behind it in the hub. */
  readonly hub: readonly string[]
  /** Runs the command behind it in a leaf, one entry a leaf. */
  readonly leaves: readonly (readonly string[])[]
  /** Address of each leaf. */
  readonly addresses: readonly string[]
}

/** Why such networks cannot be had here; `undefined` where they can. */
export async function networkProblem(): Promise<string | undefined> {
  const name = nameOf('try')
  try {
    await run('ip', ['netns', 'add', name])
    await run('ip', ['netns', 'del', name])
    return undefined
  } catch (error) {
    return `no network namespaces: ${error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error)}`
  }
}

/** Makes a hub with two leaves. */
export async function splitNetwork(): Promise<SplitNetwork> {
  const hub = nameOf('hub')
  const leaves = [nameOf('one'), nameOf('two')]
  const made: string[] = []
  const dispose = async () => {
    for (const name of made) await run('ip', ['netns', 'del', name])
  }
  const inside = (name: string, ...words: readonly string[]) => run('ip', ['-n', name, ...words])
  try {
    for (const name of [hub, ...leaves]) {
      await run('ip', ['netns', 'add', name])
      made.push(name)
      await inside(name, 'link', 'set', 'lo', 'up')
    }
    await inside(hub, 'addr', 'add', `${hubAddress}/32`, 'dev', 'lo')
    for (const [index, name] of leaves.entries()) {
      const [port, net] = [`leaf${String(index)}`, `10.201.${String(index + 1)}`]
      await run('ip', [
        'link',
        'add',
        port,
        'netns',
        hub,
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        name,
      ])
      await inside(hub, 'addr', 'add', `${net}.1/24`, 'dev', port)
      await inside(hub, 'link', 'set', port, 'up')
      await inside(name, 'addr', 'add', `${net}.2/24`, 'dev', 'eth0')
      await inside(name, 'link', 'set', 'eth0', 'up')
      // To the hub alone: to the other leaf there is no route, and the hub forwards nothing.
      await inside(name, 'route', 'add', `${hubAddress}/32`, 'via', `${net}.1`)
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    hub: ['ip', 'netns', 'exec', hub],
    leaves: leaves.map((name) => ['ip', 'netns', 'exec', name]),
    addresses: leaves.map((_, index) => `10.201.${String(index + 1)}.2`),
    [Symbol.asyncDispose]: dispose,
  }
}

function nameOf(what: string): string {
  return `parley-${what}-${randomBytes(4).toString('hex')}`
}

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A running coturn. */
export interface Coturn extends AsyncDisposable {
  /** `host:port` for UDP and TCP. */
  readonly place: string
  /** `host:port` for TLS, where it has a certificate. */
  readonly securePlace: string | undefined
  /** What it has written so far. */
  log(): string
}

/** How coturn is started. */
export interface CoturnOptions {
  /** Address that it listens on and relays from. */
  readonly address: string
  /** Secret of the TURN REST API: `static-auth-secret`. */
  readonly secret: string
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** A command that runs the command behind it, such as `ip netns exec NAME`. */
  readonly launcher?: readonly string[]
  /** Ports that are free at the address. */
  readonly ports?: { readonly plain: number; readonly secure: number }
}

/** Milliseconds that the start may take on a machine that is busy with other things. */
const startMs = 30_000

/** Whether coturn is installed: Debian's package `coturn`. */
export function isCoturnInstalled(): boolean {
  try {
    execFileSync('turnserver', ['--version'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/** Starts coturn with credentials of the TURN REST API; its files lie in a folder of their own. */
export async function startCoturn(options: CoturnOptions): Promise<Coturn> {
  const { address, secret, certificate, launcher = [], ports = { plain: 3478, secure: 5349 } } = options
  const folder = await mkdtemp(join(tmpdir(), 'parley-turn-'))
  const file = (name: string) => join(folder, name)
  const flags = {
    'static-auth-secret': secret,
    realm: 'parley.example',
    'listening-ip': address,
    'relay-ip': address,
    'listening-port': String(ports.plain),
    ...(certificate && {
      'tls-listening-port': String(ports.secure),
      cert: file('cert.pem'),
      pkey: file('key.pem'),
    }),
    'log-file': 'stdout',
    pidfile: file('pid'),
    userdb: file('db'),
  }
  // -n: no configuration of the machine's own.
  const switches = ['-n', '--use-auth-secret', '--no-dtls', '--no-cli', '--verbose']
  if (certificate) {
    await writeFile(file('cert.pem'), certificate.cert)
    await writeFile(file('key.pem'), certificate.key)
  }
  const [command = '', ...words] = [
    ...launcher,
    'turnserver',
    ...switches,
    ...(certificate ? [] : ['--no-tls']),
    // It hears of peers at its own address: those that it relays for.
    '--allow-loopback-peers',
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  ]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const killed = () => child.kill('SIGKILL')
  process.once('exit', killed)
  let log = ''
  const take = (chunk: Buffer) => {
    log += chunk.toString()
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await exited
    process.off('exit', killed)
    await rm(folder, { recursive: true })
  }
  const signal = AbortSignal.timeout(startMs)
  const started = new Promise<void>((resolve, reject) => {
    const look = () => {
      if (/UDP listener opened on/.test(log)) resolve()
    }
    child.stdout.on('data', look)
    child.once('error', reject)
    child.once('exit', () => {
      reject(new Error(`coturn has ended: ${log.slice(-1000)}`))
    })
    signal.addEventListener('abort', () => {
      reject(new Error(`coturn did not start: ${log.slice(-1000)}`))
    })
  })
  try {
    await started
  } catch (error) {
    if (child.exitCode === null && child.pid !== undefined) await stop()
    throw error
  }
  return {
    place: `${address}:${String(ports.plain)}`,
    securePlace: certificate && `${address}:${String(ports.secure)}`,
    log: () => log,
    [Symbol.asyncDispose]: stop,
  }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:tls'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { repository } from '../running-server.ts'
import type { Certificate } from './authority.ts'
import { freePort } from './free-port.ts'

/** A proxy as operators use it, with the configuration that the docs give. */
export interface CommonProxy extends AsyncDisposable {
  /** Where it listens. */
  readonly origin: string
}

/** The proxies of the docs. */
export type ProxyName = 'nginx' | 'caddy'

/** Whether a proxy is installed; `.ci/install-proxies` sees to it. */
export function isInstalled(name: ProxyName): boolean {
  return spawnSync(name, [name === 'nginx' ? '-v' : 'version']).error === undefined
}

/** Milliseconds for a proxy to begin to listen. */
const startMs = 30_000

/**
 * Runs a proxy in front of a server with the configuration of `docs/examples/behind-a-proxy`, of which only addresses and files are replaced.
 *
 * @param port - The server's, on the loopback.
 * @throws Where the configuration no longer holds what is replaced, or the proxy does not start.
 */
export async function startCommonProxy(
  name: ProxyName,
  port: number,
  certificate: Certificate,
): Promise<CommonProxy> {
  const folder = await mkdtemp(join(tmpdir(), `parley-${name}-`))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  await Promise.all([writeFile(certFile, certificate.cert), writeFile(keyFile, certificate.key)])
  const own = await freePort()
  const config =
    name === 'nginx' ? nginxConfig(port, own, certFile, keyFile) : caddyConfig(port, own, certFile, keyFile)
  const file = join(folder, name === 'nginx' ? 'nginx.conf' : 'Caddyfile')
  await writeFile(file, config)
  const child = spawn(name, argumentsOf(name, file, folder), {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)))
  const stop = async () => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await listens(own, child)
  } catch (cause) {
    await stop()
    throw new Error(`Cannot start ${name}: ${printed}`, { cause })
  }
  return { origin: `127.0.0.1:${String(own)}`, [Symbol.asyncDispose]: stop }
}

function argumentsOf(name: ProxyName, file: string, folder: string): readonly string[] {
  if (name === 'caddy') return ['run', '--config', file, '--adapter', 'caddyfile']
  return ['-c', file, '-p', folder, '-e', join(folder, 'error.log'), '-g', `daemon off; pid ${folder}/pid;`]
}

function nginxConfig(port: number, own: number, certFile: string, keyFile: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(dirname(certFile), kind)};`)
    .join(' ')
  return replaced('nginx.conf', [
    ['listen 443 ssl', `listen 127.0.0.1:${String(own)} ssl`],
    ['/etc/ssl/signal.example.pem', certFile],
    ['/etc/ssl/signal.example.key', keyFile],
    ['127.0.0.1:8080', `127.0.0.1:${String(port)}`],
    ['worker_connections 20000', 'worker_connections 4000'],
    // Its own folders belong to another user.
    ['access_log off;', `access_log off; ${temporary}`],
  ])
}

function caddyConfig(port: number, own: number, certFile: string, keyFile: string): string {
  const site = replaced('Caddyfile', [
    ['signal.example {', `127.0.0.1:${String(own)} {\n\ttls ${certFile} ${keyFile}`],
    ['127.0.0.1:8080', `127.0.0.1:${String(port)}`],
  ])
  return `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`
}

function replaced(file: string, replacements: readonly (readonly [string, string])[]): string {
  let text = readFileSync(new URL(`docs/examples/behind-a-proxy/${file}`, repository), 'utf8')
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} no longer holds "${from}"`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** Resolves when something on the port speaks TLS. */
async function listens(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + startMs
  for (;;) {
    if (child.exitCode !== null) throw new Error(`It has ended with ${String(child.exitCode)}`)
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    try {
      await once(socket, 'secureConnect')
      return
    } catch (cause) {
      if (performance.now() > end) throw cause
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      socket.destroy()
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

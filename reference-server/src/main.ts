#!/usr/bin/env node
import type { AddressInfo } from 'node:net'
import { loadAuthenticator, loadInvitePermission, loadSightRule } from './hook-module.ts'
import { createLog } from './log.ts'
import { OptionError, type Options } from './option.ts'
import { helpText, readCommand } from './option-source.ts'
import { createServer } from './server.ts'
import { version } from './version.ts'

/** Exit codes, documented in the README. */
const exitCode = { stopped: 0, cannotListen: 1, badOptions: 2 } as const

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not use that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is not known',
}

process.exitCode = await run()

async function run(): Promise<number> {
  try {
    const command = readCommand(process.argv.slice(2), process.env)
    if (command.kind === 'serve') return await serve(command.options)
    process.stdout.write(`${command.kind === 'help' ? helpText(command.topic) : version}\n`)
    return exitCode.stopped
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause
    process.stderr.write(`parley-server: ${cause.message}\n`)
    return exitCode.badOptions
  }
}

async function serve(options: Options): Promise<number> {
  const log = createLog(options.logLevel, options.logFormat)
  const { authModule, inviteModule, seeModule } = options
  const authenticate = authModule === '' ? {} : { authenticate: await loadAuthenticator(authModule) }
  const invites = inviteModule === '' ? {} : { mayInvite: await loadInvitePermission(inviteModule) }
  const sight = seeModule === '' ? {} : { maySee: await loadSightRule(seeModule) }
  const server = createServer({ ...options, ...authenticate, ...invites, ...sight, log })
  try {
    const { url } = await server.listen()
    log.info({ url, version }, `listening on ${url}`)
    const { metricsUrl } = server
    if (metricsUrl !== undefined) log.info({ url: metricsUrl }, `metrics at ${metricsUrl}`)
  } catch (cause) {
    if (cause instanceof OptionError) throw cause
    const { code = '', message, address, port } = cause as NodeJS.ErrnoException & Partial<AddressInfo>
    // The metrics have an address of their own.
    const place = `${address ?? options.host}:${String(port ?? options.port)}`
    process.stderr.write(`parley-server: Cannot listen on ${place}: ${listenProblems[code] ?? message}\n`)
    await server.close()
    return exitCode.cannotListen
  }
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  log.info({ signal }, 'stopping')
  const again = () => void server.close()
  process.once('SIGINT', again)
  process.once('SIGTERM', again)
  // Whoever stops it by hand has no time; drain.goaway.
  await (signal === 'SIGTERM' ? server.drain() : server.close())
  log.info({}, 'stopped')
  return exitCode.stopped
}

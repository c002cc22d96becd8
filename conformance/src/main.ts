#!/usr/bin/env node
import { main } from './cli.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => {
  interrupt.abort()
})
const { stdout, stderr, env } = process
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, signal: interrupt.signal })

import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Version of this package. */
export const version = manifest.version

/** How the server names itself in `welcome`. */
export const agent = { name: 'parley-server', version } as const

import { createRequire } from 'node:module'

interface Manifest {
  readonly name: string
  readonly version: string
}

const { name, version } = createRequire(import.meta.url)('../package.json') as Manifest

/** Name and version of this kit, from its package. */
export const kit: Manifest = { name, version }

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One way to install packages into a folder, and to run a program of theirs there. */
export interface PackageManager {
  readonly name: string
  /** The npm package that holds it, exactly; npm itself comes with Node. */
  readonly package?: string
  /** Prepares an empty folder so that the tarballs are taken for the packages that they hold. */
  readonly prepare: (folder: string, tarballs: Tarballs) => Promise<void>
  /** Words that install what the folder asks for. */
  readonly install: readonly string[]
  /** Words before the kit's own arguments. */
  readonly run: readonly string[]
}

/** Path of each packed package by its name. */
export type Tarballs = Readonly<Record<string, string>>

function files(tarballs: Tarballs): Record<string, string> {
  return Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]))
}

function writePackage(folder: string, members: object): Promise<void> {
  const text = JSON.stringify({ name: 'empty-folder', private: true, ...members }, null, 2)
  return writeFile(join(folder, 'package.json'), text)
}

/** The package managers that people use, by exact versions. */
export const packageManagers: readonly PackageManager[] = [
  {
    name: 'npm',
    prepare: (folder, tarballs) => writePackage(folder, { dependencies: files(tarballs) }),
    install: ['npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'],
    run: ['npx', '--no', '@parley/conformance'],
  },
  {
    name: 'pnpm',
    package: 'pnpm@10.34.9',
    prepare: async (folder, tarballs) => {
      await writePackage(folder, { dependencies: files(tarballs) })
      const lines = Object.entries(files(tarballs)).map(([name, path]) => `  '${name}': '${path}'`)
      await writeFile(join(folder, 'pnpm-workspace.yaml'), `overrides:\n${lines.join('\n')}\n`)
    },
    install: ['pnpm', 'install'],
    run: ['pnpm', 'exec', 'parley-conformance'],
  },
  {
    name: 'yarn classic',
    package: 'yarn@1.22.22',
    prepare: (folder, tarballs) =>
      writePackage(folder, { dependencies: files(tarballs), resolutions: files(tarballs) }),
    // A cache of its own: yarn takes a tarball of the same version from the common one, whatever it holds by now.
    install: ['yarn', 'install', '--no-lockfile', '--cache-folder', '.yarn-cache'],
    run: ['yarn', '--silent', 'parley-conformance'],
  },
  ...(['node-modules', 'pnp'] as const).map((linker) => ({
    name: `yarn berry, ${linker}`,
    package: '@yarnpkg/cli-dist@4.18.1',
    prepare: async (folder: string, tarballs: Tarballs) => {
      await writePackage(folder, { dependencies: files(tarballs), resolutions: files(tarballs) })
      await writeFile(
        join(folder, '.yarnrc.yml'),
        `nodeLinker: ${linker}\nenableGlobalCache: false\nenableTelemetry: false\n`,
      )
      await writeFile(join(folder, 'yarn.lock'), '')
    },
    install: ['yarn', 'install', '--no-immutable'],
    run: ['yarn', 'parley-conformance'],
  })),
]

/** Finds the packed packages in a folder. */
export async function tarballsIn(folder: string): Promise<Tarballs> {
  const names = await readdir(folder)
  return Object.fromEntries(
    names.map((file) => [
      `@parley/${file.replace(/^parley-/, '').replace(/-\d+\..*$/, '')}`,
      join(folder, file),
    ]),
  )
}

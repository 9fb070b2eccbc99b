/** `npm run playground`: the protocol in a browser. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { command, main } from '../harness/terminal/command.ts'
import { integer, text, UsageError } from '../harness/terminal/options.ts'
import { n } from '../harness/terminal/text.ts'
import { playground } from './build.ts'

type Files = ReadonlyMap<string, Uint8Array>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Serves the files, and nothing else, to this machine alone; port 0: any. Rejects as `listen` fails. */
export const serve = (files: Files, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const name = request.url?.split(/[?#]/)[0]?.slice(1) || 'index.html'
      const file = request.method === 'GET' ? files.get(name) : undefined
      if (file === undefined) response.writeHead(404).end('not here\n')
      else
        response
          .writeHead(200, { 'content-type': TYPES[extname(name)]!, 'x-content-type-options': 'nosniff' })
          .end(file)
    })
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })

export const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

/** Throws a UsageError that names the folder. */
export const write = (files: Files, folder: string): void => {
  try {
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), bytes)
    }
  } catch (e) {
    throw new UsageError(`--out: expected a folder to write to, got ${folder} (${(e as NodeJS.ErrnoException).code})`)
  }
}

const play = command({
  name: 'playground',
  options: z.strictObject({
    out: text({
      value: 'DIR',
      says: 'write the files there, to be published by any web server, and end',
      default: null,
    }),
    port: integer({ says: 'where to listen on 127.0.0.1; 0: anywhere', min: 0, max: 65_535, default: 8_517 }),
  }),
  notes: `Serves a page in which the protocol is played by hand: frames are dragged between clients, server and adversary.
Exit codes: 0 written, or stopped (Ctrl-C), 2 usage.`,
  async run({ out, port }, screen) {
    const files = await playground()
    if (out !== null) {
      write(files, out)
      const bytes = [...files.values()].reduce((sum, f) => sum + f.length, 0)
      screen.say(`${files.size} files, ${n(bytes)} bytes, in ${out}`)
      return 0
    }
    const server = await serve(files, port).catch((e: NodeJS.ErrnoException) => {
      throw new UsageError(`--port: expected a port that is free, got ${port} (${e.code})`)
    })
    screen.say(`The playground: ${addressOf(server)}\nCtrl-C ends it.`)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    })
    server.closeAllConnections()
    server.close()
    return 0
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(play)

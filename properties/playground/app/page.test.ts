import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { fileOf, needs } from '../../harness/process/needs.ts'
import { CORPUS, storedNames } from '../../harness/schedules/stored.ts'
import { bundle, playground } from '../build.ts'
import { framesOf } from '../frames.testkit.ts'
import { emptySchedule } from '../game.ts'
import { hashOf } from '../link.ts'
import { addressOf, serve } from '../run.ts'

const MOST_BYTES = 600_000
const PATIENCE = 100_000 // ms, of a loaded machine; nothing here is timed
const A2 = readFileSync(new URL('model/A2.json', CORPUS), 'utf8')
const texts = storedNames().map((name) => readFileSync(new URL(name, CORPUS), 'utf8'))

const files = playground()
const probe = bundle({ frames: fileURLToPath(new URL('../frames.testkit.ts', import.meta.url)) })

let opened: Promise<{ readonly browser: Browser; readonly server: Server; readonly address: string }> | null = null
/** One browser for all tests of this file. */
const shared = () => {
  const open = async () => {
    const server = await serve(new Map([...(await files), ...(await probe)]), 0)
    const browser = await chromium.launch({ executablePath: fileOf('chromium'), args: ['--no-sandbox'] }) // CI runs as root
    return { browser, server, address: addressOf(server) }
  }
  opened ??= open()
  return opened
}
afterAll(async () => {
  const it = await opened
  await it?.browser.close()
  it?.server.close()
})

interface Asked {
  readonly hash?: string
  readonly width?: number
}

/** A fresh page; afterwards nothing was complained of, and no request has left the origin. */
const onPage = (test: (page: Page) => Promise<void>, { hash = '', width = 1400 }: Asked = {}) =>
  needs('chromium', async () => {
    const { browser, address } = await shared()
    const page = await browser.newPage({ viewport: { width, height: 1000 }, acceptDownloads: true })
    page.setDefaultTimeout(PATIENCE)
    const odd: string[] = []
    page.on('console', (m) => void odd.push(m.text()))
    page.on('pageerror', (e) => void odd.push(String(e)))
    page.on('request', (r) => {
      if (!r.url().startsWith(address) && !r.url().startsWith('blob:')) odd.push(r.url())
    })
    await page.goto(address + hash)
    await page.getByRole('heading', { name: 'Gauntlet playground' }).waitFor()
    await test(page)
    expect(odd).toEqual([])
    await page.close()
  })

const drag = async (page: Page, frame: string, where: string): Promise<void> => {
  await page.locator('.chip', { hasText: frame }).first().hover()
  await page.mouse.down()
  await page.locator(`[data-drop="${where}"]`).hover({ force: true })
  await page.mouse.up()
}
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const actions = (page: Page): Promise<number> => page.locator('.actions li').count()
const imported = (page: Page, text: string): Promise<void> =>
  page
    .locator('input[type=file]')
    .setInputFiles({ name: 'some.json', mimeType: 'text/plain', buffer: Buffer.from(text) })
const says = async (page: Page, where: string, text: string | RegExp): Promise<void> =>
  page.locator(where, { hasText: text }).first().waitFor()

it(`the files take less than ${MOST_BYTES} bytes, and name no place but their own`, async () => {
  const all = [...(await files)]
  expect(all.reduce((sum, [, bytes]) => sum + bytes.length, 0)).toBeLessThan(MOST_BYTES)
  const page = new TextDecoder().decode(new Map(all).get('index.html'))
  expect(page).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'")
  expect(page.match(/\w+:\/\//g)).toBeNull()
})

describe('the bundle for the browser makes the same frames as Node, byte for byte, for every stored schedule', () => {
  const here = texts.map(framesOf)
  it(
    'in a browser',
    needs('chromium', async () => {
      const { browser, address } = await shared()
      const page = await browser.newPage()
      await page.goto(`${address}nothing`)
      // As text: vitest would make another import of it.
      const asked = `import('/frames.js').then(({ framesOf }) => ${JSON.stringify(texts)}.map(framesOf))`
      const there = await page.evaluate(asked)
      await page.close()
      expect(there).toEqual(here)
      expect(here.flat().length).toBeGreaterThan(300)
    }),
  )
  it('with its own stand-ins, in Node', async () => {
    const code = new TextDecoder().decode((await probe).get('frames.js'))
    const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    const bundled = (await import(/* @vite-ignore */ url)) as { framesOf: typeof framesOf }
    expect(texts.map(bundled.framesOf)).toEqual(here)
  })
})

describe('a page', () => {
  it(
    'lets frames be dragged: an attack in literal, which bound withstands',
    onPage(async (page) => {
      await page.getByText('literal', { exact: true }).click()
      await press(page, 'start a run of client 1')
      await drag(page, 'f0', 's0')
      await drag(page, 'f1', 'c0')
      await press(page, 'c0: submit')
      await drag(page, 'f2', 's0')
      await drag(page, 'f0', 's1')
      await says(page, '.verdict.good', 'Nothing violated in literal')
      await drag(page, 'f2', 's1')
      await says(page, '.verdict.bad', /A2/)
      await says(page, '.quiet', 'The same actions in bound: nothing violated.')
      await page.getByText('bound', { exact: true }).click()
      await says(page, '.verdict.good', 'Nothing violated in bound')
      await drag(page, 'f0', 'aside')
      await says(page, '.notice', 'lost')
    }),
  )

  it(
    'alters, reflects and splices',
    onPage(async (page) => {
      await press(page, 'start a run of client 1')
      await drag(page, 'f0', 'c0')
      await says(page, '.row', 'wrong-direction')
      await press(page, 'undo')
      await drag(page, 'f0', 'alter')
      await page.getByRole('button', { name: 'deliver', exact: true }).click()
      await says(page, '.row', 'bad-tag')
      await drag(page, 'f0', 's1')
      await drag(page, 'f0', 'frame 1')
      await says(page, '.panel h2', 'SERVER_CHALLENGE')
      await page.getByLabel('part').selectOption('tag')
      await page.getByLabel('to', { exact: true }).selectOption('c0')
      await page.getByRole('button', { name: 'deliver', exact: true }).click()
      await says(page, '.actions', /tag replaced by that of another frame/)
    }),
  )

  it(
    'is played by keyboard alone',
    onPage(async (page) => {
      const reach = async (name: string): Promise<void> => {
        for (let i = 0; i < 80; i++) {
          await page.keyboard.press('Tab')
          if ((await page.evaluate(() => document.activeElement?.textContent ?? '')).includes(name)) return
        }
        throw new Error(`expected to reach "${name}" with the Tab key`)
      }
      await reach('start a run of client 1')
      await page.keyboard.press('Enter')
      await reach('f0 CLIENT_HELLO')
      await page.keyboard.press('Enter')
      await says(page, '.panel h2', 'f0')
      await reach('deliver')
      await page.keyboard.press('Enter')
      await says(page, '.card', 's0')
      expect(await actions(page)).toBe(2)
    }),
  )

  it(
    'explores from here in a worker, and finds the shortest attack',
    onPage(async (page) => {
      await press(page, 'start a run of client 1')
      await drag(page, 'f0', 's0')
      await press(page, 'explore')
      await says(page, '.found', /Every invariant that the model judges \(\d\d, .*\) holds in all [\d,]{4,} states/)
      await page.getByText('literal', { exact: true }).click()
      await page.getByLabel('shortest attack on').selectOption('A2')
      await press(page, 'search')
      await press(page, 'play the attack on A2')
      await says(page, '.verdict.bad', /A2/)
      expect(await actions(page)).toBe(7)
    }),
  )

  it(
    'exports what it imports, and links to it',
    onPage(async (page) => {
      await imported(page, A2)
      await says(page, '.verdict.bad', /A2/)
      const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'export')])
      const file = JSON.parse(readFileSync((await download.path())!, 'utf8')) as {
        schedule: unknown
        violates: string[]
      }
      expect(file.schedule).toEqual((JSON.parse(A2) as { schedule: unknown }).schedule)
      expect(file.violates).toContain('A2')
      await press(page, 'copy link')
      const link = await page.getByLabel('link to this schedule').inputValue()
      await press(page, 'clear')
      await page.goto('about:blank')
      await page.goto(link)
      await says(page, '.verdict.bad', /A2/)
      expect(await actions(page)).toBe(7)
    }),
  )

  it(
    'grades an exercise',
    onPage(async (page) => {
      await press(page, 'Confirmed too early')
      await says(page, '.exercise', 'Not solved yet')
      await press(page, 'start a run of client 1')
      await drag(page, 'f0', 's0')
      await drag(page, 'f0', 's1')
      await says(page, '.exercise', 'Solved in 3: as short as it gets.')
      await press(page, 'back to the honest server')
      await says(page, '.verdict.good', 'Nothing violated')
    }),
  )

  it(
    'takes what a link or a file says as text',
    onPage(async (page) => {
      const markup = '<img src=x onerror="document.title=1"><b>bold</b>'
      const schedule = { ...emptySchedule('bound'), actions: [{ do: 'connect', client: 0 }] }
      await imported(page, JSON.stringify({ says: markup, violates: [], schedule }))
      await says(page, '.notice', markup)
      await imported(page, JSON.stringify({ says: markup, violates: [markup], schedule }))
      await says(page, '.notice', 'some.json: violates')
      await page.evaluate((to) => (location.hash = to), `schedule=${btoa(markup)}`)
      await says(page, '.notice', 'link: expected JSON')
      await page.evaluate((to) => (location.hash = to), `exercise=${encodeURIComponent(markup)}&schedule=`)
      await says(page, '.notice', 'link: expected a known exercise')
      expect(await page.locator('img, b').count()).toBe(0)
      expect(await page.title()).toBe('Gauntlet playground')
    }),
  )

  const busy = hashOf({
    exercise: 'hello-confirms',
    schedule: { ...emptySchedule('bound'), actions: [{ do: 'converse', client: 0, rounds: 1 }] },
  })
  const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8')
  for (const [scheme, width] of [
    ['light', 1400],
    ['dark', 400],
  ] as const)
    it(
      `has no serious barrier, and fits: ${scheme}, ${width} pixels`,
      onPage(
        async (page) => {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
          await page.locator('.chip').first().click()
          for (const summary of await page.locator('summary').all()) await summary.click()
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
          await page.evaluate(`(() => { const module = undefined; ${axe} })()`)
          const found = await page.evaluate(async () => {
            const { violations } = await (globalThis as unknown as { axe: typeof import('axe-core') }).axe.run()
            return violations.flatMap((v) =>
              v.impact === 'serious' || v.impact === 'critical' ? [`${v.id}: ${v.nodes[0]?.html}`] : [],
            )
          })
          expect(found).toEqual([])
        },
        { hash: busy, width },
      ),
    )
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page as Tab } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileOf, isThere, needs } from '../process/needs.ts'
import { bundle, pageHtml, pageLine } from './html.ts'
import { fixture, HOSTILE } from './page.fixture.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const VIEWS = ['overview', 'stories', 'invariants', 'kills', 'cells', 'space', 'machines', 'cards', 'fuzz', 'coverage']
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-page-'))
const page = fixture()
let browser: Browser
let tab: Tab
/** What nobody may see: complaints of the browser, and requests for anything but the page. */
const odd: string[] = []

beforeAll(async () => {
  await pageLine(folder, page)
  if (!isThere('chromium')) return
  browser = await chromium.launch({ executablePath: fileOf('chromium'), args: ['--no-sandbox'] })
  tab = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  tab.on('console', (m) => odd.push(`console: ${m.text()}`))
  tab.on('pageerror', (e) => odd.push(`error: ${e.message}`))
  tab.on('request', (r) => {
    if (!r.url().startsWith('data:') && !r.url().startsWith(`file://${folder}/index.html`))
      odd.push(`request: ${r.url()}`)
  })
}, 60_000)
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

const open = async (view: string): Promise<void> => {
  await tab.goto(`file://${folder}/index.html#${view}`)
  await tab.waitForSelector('main h2')
}
const text = async (selector: string): Promise<string> => (await tab.locator(selector).first().textContent()) ?? ''

/** What axe-core finds that is serious, in the view that is open. `only`: of its rules; null: all. */
const barriers = async (only: string | null): Promise<readonly string[]> =>
  await tab.evaluate(`(async () => {
    const only = ${JSON.stringify(only)}
    const { violations } = await axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: [only] }) })
    return violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ': ' + n.html.slice(0, 200)))
  })()`)

describe('the page as bytes', () => {
  it('is the same for the same data, lets no other script run, and ends no element early', async () => {
    const html = readFileSync(join(folder, 'index.html'), 'utf8')
    expect(pageHtml(fixture(), (await bundle())!)).toBe(html)
    expect(html).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; img-src data:;/,
    )
    expect(html.match(/<\/script>/g)).toHaveLength(2)
    expect(html).not.toContain('<img')
  })

  it('says where it is, or why it cannot be left', async () => {
    expect(await pageLine('/dev/null/nowhere', page)).toMatch(/^no page: .*index\.html: /)
  })
})

describe('the page in a browser', () => {
  for (const theme of ['light', 'dark'] as const)
    it(
      `opens every view in ${theme}, shows what strangers say as text, and shuts nobody out`,
      needs('chromium', async () => {
        await open('overview')
        await tab.getByRole('button', { name: theme, exact: true }).click()
        await tab.evaluate(AXE)
        for (const view of VIEWS) {
          await tab.evaluate(`location.hash = '${view}'`)
          await tab.waitForFunction(`document.querySelector('nav a[aria-current]').hash === '#${view}'`)
          expect({ view, barriers: await barriers(theme === 'light' ? null : 'color-contrast') }).toEqual({
            view,
            barriers: [],
          })
        }
        expect(await tab.evaluate('[window.hacked ?? null, document.scripts.length]')).toEqual([null, 2])
        expect(await tab.evaluate(`getComputedStyle(document.documentElement).colorScheme`)).toBe(theme)
        await tab.evaluate(`location.hash = 'overview'`)
        expect(await tab.locator('.banner').textContent()).toContain(HOSTILE)
        expect(odd).toEqual([])
      }),
      60_000,
    )

  it(
    'is seen by axe-core where it shuts somebody out',
    needs('chromium', async () => {
      await open('fuzz')
      await tab.evaluate(AXE)
      await tab.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button>')`)
      expect(await barriers(null)).toEqual(['button-name: <button></button>'])
    }),
  )

  it(
    'runs no script and follows no style that is not its own',
    needs('chromium', async () => {
      await open('overview')
      await tab.evaluate(`{
        const s = document.createElement('script')
        s.textContent = 'window.hacked = 2'
        document.body.append(s)
        document.body.insertAdjacentHTML('beforeend', '<i id="planted" style="color: red" onclick="window.hacked = 3"></i>')
        document.getElementById('planted').click()
      }`)
      expect(await tab.evaluate('window.hacked ?? null')).toBeNull()
      expect(odd.splice(0).join()).toMatch(/script-src.*style-src|style-src.*script-src/s)
    }),
  )

  it(
    'steps by buttons, slider, rows and keys, and says each step',
    needs('chromium', async () => {
      await open('stories')
      const [now, rows] = [tab.locator('.now'), tab.locator('.ladder').first().locator('.row')]
      const { length } = page.parts.stories![0]!.film!.steps
      expect(await rows.count()).toBe(1)
      expect(await text('.player .aside')).toContain('note </script>')
      expect(await text('.rules')).toContain('does 50 % of this too')
      await tab.getByRole('button', { name: /step forward/ }).click()
      expect(await now.textContent()).toBe('2. c0 sends f0, CLIENT_HELLO r0')
      expect(await now.getAttribute('aria-live')).toBe('polite')
      await tab.keyboard.press('End')
      expect(await rows.count()).toBe(length)
      await tab.keyboard.press('ArrowLeft')
      expect(await text('.count')).toBe(`${length - 1} of ${length}`)
      await tab.getByRole('slider').fill('3')
      expect(await rows.count()).toBe(3)
      await rows.nth(1).getByRole('button').click()
      expect(await rows.count()).toBe(2)
      expect(await text('.frame')).toMatch(
        /client id[\s\S]*1, client to server[\s\S]*Hello from client 1[\s\S]*C2S keys of client 1, round 0/,
      )
      await tab.getByRole('button', { name: /: play/ }).click()
      await rows.nth(2).waitFor()
      await tab.getByRole('button', { name: /: pause/ }).click()
      await tab.evaluate(`dispatchEvent(new Event('beforeprint'))`)
      await rows.nth(length - 1).waitFor()
    }),
    30_000,
  )

  it(
    'shows what an edit changed, what a step did to a session, and where bound ends',
    needs('chromium', async () => {
      await open('stories')
      await tab.keyboard.press('End')
      await tab.getByRole('button', { name: /last step/ }).click()
      expect(await text('.ladders figure:nth-child(2) .arrow.rejected')).toBe('')
      expect(await tab.locator('.ladders figure:nth-child(1) .broken').count()).toBeGreaterThan(0)
      await tab.evaluate(`location.hash = 'stories/counterexample-C1-bound'`)
      await tab.getByRole('heading', { name: /^C1/ }).waitFor()
      expect(await text('article > .aside')).toMatch(/^Not explained: it does not end </)
      await tab.getByRole('button', { name: /last step/ }).click()
      expect(await text('.session.changed')).toMatch(/^s0[\s\S]*ended/)
      await tab.getByRole('button', { name: /rejects/ }).click()
      expect(await tab.locator('.frame .bytes mark').allTextContents()).toHaveLength(1)
      expect(await text('.frame')).toMatch(/Made by the adversary from f2[\s\S]*its tag is wrong/)
    }),
    30_000,
  )

  it(
    'sorts and filters tables, opens mutants and cards, and walks through states',
    needs('chromium', async () => {
      await open('invariants')
      const ids = (): Promise<string[]> => tab.locator('table >> nth=0 >> tbody tr td:first-child').allTextContents()
      expect(await ids()).toEqual(['F1', 'A2', 'A10'])
      await tab.getByRole('button', { name: 'id' }).click()
      expect(await ids()).toEqual(['A2', 'A10', 'F1'])
      await tab.getByRole('button', { name: 'floor' }).click()
      expect(await ids()).toEqual(['A2', 'A10', 'F1'])
      expect(await tab.getByRole('columnheader', { name: 'floor' }).getAttribute('aria-sort')).toBe('descending')
      await tab.getByLabel('filter invariants').fill('foreign')
      expect(await ids()).toEqual(['A10'])
      await open('kills')
      await tab.getByRole('button', { name: 'two' }).click()
      expect(await text('.mutant')).toContain('- </script><img')
      await tab.locator('td.first').first().hover()
      expect(await text('.says')).toBe('F1 was among the first to notice one')
      await open('cells')
      expect(await tab.locator('td.reach').allTextContents()).toEqual(['nobody', 'P F'])
      await open('cards')
      await tab.getByRole('button', { name: /failed: open replay\/session of mine/ }).click()
      expect(await text('.case pre')).toContain('onerror')
      await open('space')
      expect(await tab.locator('.data td:nth-child(5)').allTextContents()).toEqual([
        'exhausted',
        'stopped by its bound on states: partial',
      ])
      await tab.locator('circle').nth(1).click()
      expect(await text('.state [aria-live] h4')).toBe('State 1, depth 1')
      await tab.locator('.edges button').first().click()
      expect(await text('.state [aria-live] h4')).not.toBe('State 1, depth 1')
    }),
    30_000,
  )

  it(
    'needs no mouse, and no more than 400 pixels',
    needs('chromium', async () => {
      await tab.setViewportSize({ width: 400, height: 800 })
      await open('overview')
      for (let i = 0; i < 40 && (await tab.evaluate('document.activeElement.hash ?? ""')) !== '#stories'; i++)
        await tab.keyboard.press('Tab')
      await tab.keyboard.press('Enter')
      await tab.locator('.player').waitFor()
      for (let i = 0; i < 40 && !(await tab.evaluate('!!document.activeElement.closest(".controls")')); i++)
        await tab.keyboard.press('Tab')
      await tab.keyboard.press('ArrowRight')
      expect(await text('.count')).toMatch(/^2 of/)
      for (const view of VIEWS) {
        await tab.evaluate(`location.hash = '${view}'`)
        await tab.waitForFunction(`document.querySelector('nav a[aria-current]').hash === '#${view}'`)
        expect({ view, wide: await tab.evaluate('document.documentElement.scrollWidth') }).toEqual({ view, wide: 400 })
      }
    }),
    30_000,
  )
})

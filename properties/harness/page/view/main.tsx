/** The report page: reads its data from the document, and shows the view that the address names. */
import { type ComponentChildren, render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Page } from '../parts.ts'
import { Cells } from './cells.tsx'
import { Coverage, Curves } from './code.tsx'
import { Invariants } from './invariants.tsx'
import { Kills } from './kills.tsx'
import { Overview } from './overview.tsx'
import { Space } from './space.tsx'
import { Stories } from './stories.tsx'
import { Cards, Machines } from './strangers.tsx'

interface View {
  readonly name: string
  readonly title: string
  show(chosen: string): ComponentChildren
}

/** Those for which there is something to show. */
const viewsOf = (page: Page): readonly View[] => {
  const p = page.parts
  const view = <T,>(
    name: string,
    title: string,
    data: T | undefined,
    show: (data: T, chosen: string) => ComponentChildren,
  ): readonly View[] =>
    data === undefined || (Array.isArray(data) && data.length === 0)
      ? []
      : [{ name, title, show: (chosen) => show(data, chosen) }]
  const judged = p.invariants ?? p.claims
  const space = p.graph ?? p.scopes
  return [
    ...view('overview', 'Overview', page, () => <Overview page={page} />),
    ...view('stories', 'Step by step', p.stories, (stories, chosen) => <Stories stories={stories} chosen={chosen} />),
    ...view('invariants', 'Invariants', judged, () => <Invariants rows={p.invariants ?? []} claims={p.claims ?? []} />),
    ...view('kills', 'Kill matrix', p.kills, (kills) => <Kills kills={kills} />),
    ...view('cells', 'Cells', p.cells, (cells) => <Cells cells={cells} parts={p} />),
    ...view('space', 'State space', space, () => <Space scopes={p.scopes ?? []} graph={p.graph} />),
    ...view('machines', 'Machines', p.machines, (machines) => <Machines machines={machines} />),
    ...view('cards', 'Conformance', p.cards, (cards) => <Cards cards={cards} />),
    ...view('fuzz', 'Fuzzing', p.curves, (curves) => <Curves curves={curves} />),
    ...view('coverage', 'Coverage', p.coverage, (rows) => <Coverage rows={rows} />),
  ]
}

const THEMES = ['auto', 'light', 'dark'] as const

const Themes = () => {
  const [theme, set] = useState<(typeof THEMES)[number]>('auto')
  useEffect(() => {
    document.documentElement.dataset.theme = theme
  }, [theme])
  return (
    <fieldset class="themes" aria-label="theme">
      {THEMES.map((t) => (
        <button key={t} type="button" aria-pressed={t === theme} onClick={() => set(t)}>
          {t}
        </button>
      ))}
    </fieldset>
  )
}

/** The view, and what of it, that the address names: `#stories/NAME`. */
const useAddress = (): readonly [view: string, chosen: string] => {
  const [hash, set] = useState(location.hash)
  useEffect(() => {
    const on = (): void => set(location.hash)
    addEventListener('hashchange', on)
    return () => removeEventListener('hashchange', on)
  }, [])
  const [view = '', chosen = ''] = hash.slice(1).split('/')
  try {
    return [view, decodeURIComponent(chosen)]
  } catch {
    return [view, ''] // an address that nobody made here
  }
}

const App = ({ page }: { page: Page }) => {
  const views = viewsOf(page)
  const [name, chosen] = useAddress()
  const view = views.find((v) => v.name === name) ?? views[0]!
  return (
    <>
      <header>
        <h1>{page.title}</h1>
        <Themes />
        <nav aria-label="views">
          <ul>
            {views.map((v) => (
              <li key={v.name}>
                <a href={`#${v.name}`} aria-current={v === view ? 'page' : undefined}>
                  {v.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main key={view.name}>
        <h2>{view.title}</h2>
        {view.show(chosen)}
      </main>
    </>
  )
}

const data: Page = JSON.parse(document.getElementById('data')!.textContent!)
render(<App page={data} />, document.getElementById('page')!)

/** The actions so far; export, import and the link. */
import { useRef, useState } from 'preact/hooks'
import { endName } from '../../../spec/events.ts'
import type { Action, Pick } from '../../../spec/language.ts'
import { caption } from '../../harness/trace/trace.ts'
import { type Game, nameOfRef } from '../game.ts'

const nameOf = (game: Game, p: Pick): string => {
  const held = game.held.find((h) => typeof p === 'object' && 'by' in p && nameOfRef(h.ref) === nameOfRef(p))
  return held === undefined ? 'a frame' : `${held.id} ${held.label}`
}

/** What an action does, also where in a drawing an arrow says it. */
export const say = (game: Game, a: Action): string => {
  const said = caption(a, a.do === 'connect' ? (game.schedule.setup.clients[a.client] ?? null) : null)
  const plain = a.do === 'deliver' ? `deliver ${nameOf(game, a.frame)} to ${endName(a.to)}` : a.do
  if (said === null) return plain
  return a.do === 'deliver' ? `${plain}: ${said}` : said
}

interface ScheduleProps {
  readonly game: Game
  /** Actions that are taken out, by index. */
  remove(from: number, count: number): void
  open(name: string, text: string): void
  readonly link: string
  /** What is exported. */
  file(): string
  tell(text: string): void
}

const download = (text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const a = document.createElement('a')
  a.href = url
  a.download = 'schedule.json'
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}

export const ScheduleList = (p: ScheduleProps) => {
  const { actions } = p.game.schedule
  const input = useRef<HTMLInputElement>(null)
  const [shown, show] = useState(false)
  const copy = (): void => {
    show(true)
    void navigator.clipboard?.writeText(p.link).then(
      () => p.tell('The link is copied.'),
      () => p.tell('The link is shown: copy it by hand.'),
    )
  }
  return (
    <section aria-labelledby="schedule">
      <h2 id="schedule">Schedule</h2>
      {actions.length === 0 && <p class="quiet">No action yet.</p>}
      <ol class="actions">
        {actions.map((a, i) => (
          <li key={i}>
            <span>{say(p.game, a)}</span>
            <button type="button" onClick={() => p.remove(i, 1)} aria-label={`take out action ${i + 1}`}>
              ×
            </button>
          </li>
        ))}
      </ol>
      <div class="buttons">
        <button type="button" disabled={actions.length === 0} onClick={() => p.remove(actions.length - 1, 1)}>
          undo
        </button>
        <button type="button" disabled={actions.length === 0} onClick={() => p.remove(0, actions.length)}>
          clear
        </button>
        <button type="button" onClick={() => download(p.file())}>
          export
        </button>
        <button type="button" onClick={() => input.current?.click()}>
          import
        </button>
        <button type="button" onClick={copy}>
          copy link
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        aria-label="schedule file"
        onChange={async (e) => {
          const file = e.currentTarget.files?.[0]
          e.currentTarget.value = ''
          if (file !== undefined) p.open(file.name, await file.text())
        }}
      />
      {shown && <input class="link" type="text" readOnly value={p.link} aria-label="link to this schedule" />}
    </section>
  )
}

/** What can be done with one frame: all that dragging does, for keyboard and menu. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { endName } from '../../../spec/events.ts'
import type { Action, Edit } from '../../../spec/language.ts'
import { FrameFields } from '../../harness/page/view/frame.tsx'
import { type Game, type Held, nameOfRef } from '../game.ts'
import { Choice } from './fields.tsx'
import { complaintOf, Fields, valuesOf } from './form.tsx'
import { editForms, parseEnd, targetOptions, type Values } from './forms.ts'

interface FramePanelProps {
  readonly game: Game
  readonly frame: number
  /** How the panel begins: as it is, or to be altered; `from`: the frame to take a part of. */
  readonly start: { readonly edit: Edit['do'] | null; readonly from: number | null }
  readonly aside: boolean
  act(a: Action): void
  setAside(): void
  close(): void
}

const AS_IS = 'as it is'

/** Where a frame goes if nobody interferes: the newest live endpoint of the other side, a HELLO to a new connection. */
const usual = (game: Game, { ref, label }: Held): string => {
  const side = ref.by.side === 'client' ? 'server' : 'client'
  const live = label.includes('HELLO') ? undefined : game.ends.findLast((e) => e.at.side === side && !e.ended)
  return live === undefined ? targetOptions(game).at(-1)!.value : endName(live.at)
}

export const FramePanel = (p: FramePanelProps) => {
  const { game, frame, start } = p
  const held = game.held[frame]!
  const targets = targetOptions(game)
  const [to, setTo] = useState(usual(game, held))
  const [how, setHow] = useState<Edit['do'] | null>(start.edit)
  const from = start.from === null ? undefined : game.held[start.from]
  const [typed, type] = useState<Values>(from === undefined ? {} : { from: nameOfRef(from.ref) })
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const forms = editForms(game)
  const form = how === null ? null : forms[how]
  const values = form === null ? {} : valuesOf(form, typed)
  const bad = form === null ? null : complaintOf(form, values)
  const target = targets.some((t) => t.value === to) ? to : targets[0]!.value
  const send = (e: Event): void => {
    e.preventDefault()
    if (bad !== null) return
    const edit = form === null ? {} : { edit: form.make(values) }
    p.act({ do: 'deliver', frame: held.ref, to: parseEnd(target), ...edit })
  }
  return (
    <section class="panel" aria-label={`frame ${held.id}`}>
      <h2 ref={heading} tabIndex={-1}>
        {held.id} {held.label}, sent by {endName(held.ref.by)}
      </h2>
      <form class="fields" onSubmit={send}>
        <Choice
          label="deliver it"
          value={how ?? AS_IS}
          options={[
            { value: AS_IS, text: AS_IS },
            ...Object.entries(forms).map(([value, f]) => ({ value, text: f.says })),
          ]}
          onChange={(v) => setHow(v === AS_IS ? null : (v as Edit['do']))}
        />
        {form !== null && <Fields form={form} values={values} onChange={type} />}
        <Choice label="to" value={target} options={targets} onChange={setTo} />
        <button type="submit" class="main" disabled={bad !== null}>
          deliver
        </button>
        <button type="button" onClick={p.setAside}>
          {p.aside ? 'take it back' : 'lose it'}
        </button>
        <button type="button" onClick={p.close}>
          close
        </button>
      </form>
      <details>
        <summary>Fields and plaintext</summary>
        <FrameFields film={game.film} id={held.id} />
      </details>
    </section>
  )
}

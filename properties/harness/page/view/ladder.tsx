/** The ladder of a film: clients left, the adversary's network in the middle, connections right; a row for each step. */
import { useEffect, useRef } from 'preact/hooks'
import { endName } from '../../../../spec/events.ts'
import type { Film, FilmStep } from '../film.ts'
import { sayStep } from './words.ts'

interface LadderProps {
  readonly film: Film
  /** Steps that are drawn. */
  readonly shown: number
  /** The present one, from 1; null: it is in another ladder. */
  readonly present: number | null
  /** A row was chosen: so many steps are to be shown. */
  onShow(count: number): void
}

const NETWORK = 'adversary'

const columnsOf = (f: Film): readonly string[] => [...f.clients, NETWORK, ...f.servers]

/** From and to which column a step goes. */
const placeOf = (s: FilmStep, columns: readonly string[]): { from: number; to: number } => {
  const net = columns.indexOf(NETWORK)
  const own =
    'at' in s ? columns.indexOf(endName(s.at)) : s.kind === 'action' && s.by ? columns.indexOf(endName(s.by)) : net
  if (s.kind === 'sent') return { from: own, to: net }
  if (s.kind === 'accepted' || s.kind === 'rejected') return { from: net, to: own }
  return { from: own, to: own }
}

/** Of the network; '': on it. */
const sideOf = (column: number, columns: readonly string[]): string => {
  const net = columns.indexOf(NETWORK)
  return column < net ? 'west' : column > net ? 'east' : ''
}

const labelOf = (s: FilmStep): string => {
  switch (s.kind) {
    case 'sent':
    case 'accepted':
      return `${s.label} · ${s.frame}`
    case 'rejected':
      return `${s.label}${s.frame === null ? '' : ` · ${s.frame}`}, ${s.reason ?? 'rejected'}`
    default:
      return sayStep(s)
  }
}

const Row = ({ step, columns }: { step: FilmStep; columns: readonly string[] }) => {
  const { from, to } = placeOf(step, columns)
  const altered = step.kind === 'action' && step.edits
  if (from === to)
    return <span class={`note ${step.kind} ${sideOf(from, columns)}${altered ? ' altered' : ''}`}>{labelOf(step)}</span>
  const [left, right] = from < to ? [from, to] : [to, from]
  const towards = from < to ? 'right' : 'left'
  // From the middle of one column to the middle of the other.
  const style = {
    '--left': `${((left + 0.5) / columns.length) * 100}%`,
    '--width': `${((right - left) / columns.length) * 100}%`,
  }
  return (
    <>
      <span class={`label ${sideOf(step.kind === 'sent' ? from : to, columns)}`}>{labelOf(step)}</span>
      <span class={`arrow ${towards} ${step.kind}`} style={style} />
    </>
  )
}

export const Ladder = ({ film, shown, present, onShow }: LadderProps) => {
  const columns = columnsOf(film)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    // Only the list scrolls, never the page.
    const [box, row] = [list.current, list.current?.lastElementChild]
    if (box && row instanceof HTMLElement) box.scrollTop = row.offsetTop + row.offsetHeight - box.clientHeight
  }, [shown])
  return (
    <div class="ladder">
      <div class="ends" aria-hidden="true">
        {columns.map((c) => (
          <span key={c} class={c === NETWORK ? 'net' : ''}>
            {c}
          </span>
        ))}
      </div>
      <ol class="rows" ref={list} aria-label="steps so far">
        {columns.map((c, i) => (
          <li key={c} class="line" aria-hidden="true" style={{ '--at': `${((i + 0.5) / columns.length) * 100}%` }} />
        ))}
        {film.steps.slice(0, shown).map((s, i) => (
          <li key={i} class="row">
            <button type="button" aria-current={i + 1 === present ? 'step' : undefined} onClick={() => onShow(i + 1)}>
              <span class="heard">
                step {i + 1}: {sayStep(s)}
              </span>
              <span aria-hidden="true">
                <Row step={s} columns={columns} />
              </span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** Plays a film: play, pause, step, drag; below the ladder what the present step moved and changed. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Film } from '../film.ts'
import { FrameFields } from './frame.tsx'
import { Ladder } from './ladder.tsx'
import { Sessions } from './sessions.tsx'
import { frameOf, sayStep } from './words.ts'

const STEP_MS = 900

interface PlayerProps {
  readonly film: Film
  readonly name: string
  /** How many steps are shown at first; default: one. */
  readonly start?: number
  /** Drawn beside it, up to the same action; its name. */
  readonly beside?: { readonly film: Film; readonly name: string } | null
  /** What is said of the present step, by its action. */
  aside?(action: number): ComponentChildren
}

/** Everything on paper: nobody can play there. */
const usePrinting = (): boolean => {
  const [printing, setPrinting] = useState(false)
  useEffect(() => {
    const [on, off] = [() => setPrinting(true), () => setPrinting(false)]
    addEventListener('beforeprint', on)
    addEventListener('afterprint', off)
    return () => {
      removeEventListener('beforeprint', on)
      removeEventListener('afterprint', off)
    }
  }, [])
  return printing
}

/** As many steps of another film as belong to the actions that are shown of this one. */
const upTo = (film: Film, shown: number, other: Film): number => {
  if (shown >= film.steps.length) return other.steps.length
  const action = film.steps[shown - 1]?.action ?? -1
  const within = film.steps.slice(0, shown).filter((s) => s.action === action).length
  const whole = film.steps[shown]?.action !== action
  const before = other.steps.filter((s) => s.action < action).length
  const mine = other.steps.filter((s) => s.action === action).length
  return before + (whole ? mine : Math.min(mine, within))
}

interface Button {
  readonly says: string
  readonly sign: string
  readonly to: number
}

const Controls = (p: {
  name: string
  at: number
  total: number
  playing: boolean
  go(to: number): void
  play(): void
}) => {
  const button = ({ says, sign, to }: Button) => (
    <button type="button" onClick={() => p.go(to)} aria-label={`${p.name}: ${says}`} title={says}>
      {sign}
    </button>
  )
  return (
    <div class="controls">
      {button({ says: 'first step', sign: '|◀', to: 1 })}
      {button({ says: 'step back', sign: '◀', to: p.at - 1 })}
      <button type="button" class="main" onClick={p.play} aria-label={`${p.name}: ${p.playing ? 'pause' : 'play'}`}>
        {p.playing ? 'pause' : 'play'}
      </button>
      {button({ says: 'step forward', sign: '▶', to: p.at + 1 })}
      {button({ says: 'last step', sign: '▶|', to: p.total })}
      <input
        type="range"
        min={1}
        max={p.total}
        value={p.at}
        aria-label={`${p.name}: step`}
        aria-valuetext={`step ${p.at} of ${p.total}`}
        onInput={(e) => p.go(Number(e.currentTarget.value))}
      />
      <span class="count">
        {p.at} of {p.total}
      </span>
    </div>
  )
}

export const Player = ({ film, name, start = 1, beside = null, aside }: PlayerProps) => {
  const total = film.steps.length
  const [at, setAt] = useState(Math.min(start, total))
  const [playing, setPlaying] = useState(false)
  /** A step of the film beside it that was chosen; null: none was. */
  const [other, setOther] = useState<number | null>(null)
  const printing = usePrinting()
  const shown = printing ? total : at
  useEffect(() => {
    if (!playing) return
    if (at >= total) {
      setPlaying(false)
      return
    }
    const timer = setTimeout(() => setAt(at + 1), STEP_MS)
    return () => clearTimeout(timer)
  }, [playing, at, total])
  const go = (to: number): void => {
    setPlaying(false)
    setOther(null)
    setAt(Math.max(1, Math.min(total, to)))
  }
  const play = (): void => {
    if (!playing && at >= total) setAt(1)
    setOther(null)
    setPlaying(!playing)
  }
  const keys = (e: KeyboardEvent): void => {
    if (e.target instanceof HTMLInputElement) return // the slider has its own
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 1, End: total }[e.key]
    if (to === undefined) return
    e.preventDefault()
    go(to)
  }
  const step = film.steps[shown - 1]
  const looked = other !== null && beside !== null ? { film: beside.film, at: other } : { film, at: shown }
  const drawnBeside = beside === null ? 0 : Math.max(upTo(film, shown, beside.film), other ?? 0)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts for what the buttons inside do
    <div class="player" onKeyDown={keys}>
      <Controls name={name} at={shown} total={total} playing={playing} go={go} play={play} />
      <p class="now" aria-live="polite">
        {step === undefined ? 'Nothing happens.' : `${shown}. ${sayStep(step)}`}
      </p>
      {step !== undefined && aside?.(step.action)}
      <div class={beside === null ? 'ladders' : 'ladders two'}>
        <figure>
          {beside !== null && <figcaption>in {film.mode}</figcaption>}
          <Ladder film={film} shown={shown} present={other === null ? shown : null} onShow={go} />
        </figure>
        {beside !== null && (
          <figure>
            <figcaption>{beside.name}</figcaption>
            <Ladder film={beside.film} shown={drawnBeside} present={other} onShow={setOther} />
          </figure>
        )}
      </div>
      <div class="panels">
        <Sessions film={looked.film} shown={looked.at} />
        <FrameFields film={looked.film} id={frameOf(looked.film.steps[looked.at - 1])} />
      </div>
    </div>
  )
}

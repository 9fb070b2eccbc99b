/** The network as a board: clients, what the adversary holds, connections. Frames are dragged, or chosen and sent. */
import { endName } from '../../../spec/events.ts'
import type { Action, End } from '../../../spec/language.ts'
import { type Game, type Held, nameOfRef, type Standing } from '../game.ts'
import { useDrag } from './drag.ts'
import { parseEnd } from './forms.ts'

interface BoardProps {
  readonly game: Game
  readonly chosen: number | null
  /** Frames set aside, by origin: they are never delivered, as long as nobody takes them back. */
  readonly aside: ReadonlySet<string>
  choose(frame: number | null): void
  setAside(frame: number): void
  /** The panel of a frame is opened, to alter it or to put a part of another one in. */
  alter(frame: number, from: number | null): void
  act(a: Action): void
}

const Card = ({ e, game, over, act }: { e: Standing; game: Game; over: boolean; act(a: Action): void }) => {
  const { side, n } = e.at
  const name = endName(e.at)
  const faults = game.schedule.powers.includes('F')
  const button = (label: string, a: Action) => (
    <button type="button" onClick={() => act(a)} aria-label={`${name}: ${label}`}>
      {label}
    </button>
  )
  return (
    <div class={`card${over ? ' over' : ''}${e.ended ? ' ended' : ''}`} data-drop={name}>
      <strong>{name}</strong>
      {e.client !== null && <span class="quiet"> client {e.client}</span>}
      <div>
        {e.ended ? 'ended' : e.phase === 'none' ? 'no session yet' : `${e.phase}, round ${e.round}`}
        {e.confirmed && !e.ended && ', confirmed'}
      </div>
      {!e.ended && (
        <div class="buttons">
          {side === 'client' && e.phase === 'ACTIVE' && button('submit', { do: 'submit', run: n, values: [n + 1] })}
          {side === 'client' && e.phase === 'ACTIVE' && button('finish', { do: 'finish', run: n })}
          {faults && button('close', { do: 'close', at: e.at })}
          {faults && button('fail send', { do: 'failSend', at: e.at })}
          {game.schedule.powers.includes('L') && button('leak', { do: 'leak', at: e.at })}
        </div>
      )}
    </div>
  )
}

const said = (h: Held): string =>
  h.delivered === 0 ? 'on its way' : h.delivered === 1 ? 'delivered' : `delivered ×${h.delivered}`

export const Board = (p: BoardProps) => {
  const { game, act } = p
  const deliver = (frame: number, to: End): void => act({ do: 'deliver', frame: game.held[frame]!.ref, to })
  const isAside = (h: Held): boolean => p.aside.has(nameOfRef(h.ref))
  const { dragged, begin } = useDrag((frame, where) => {
    if (where === 'aside') {
      if (!isAside(game.held[frame]!)) p.setAside(frame)
    } else if (where === 'alter') p.alter(frame, null)
    else if (where.startsWith('frame ')) {
      const other = Number(where.slice(6))
      if (other !== frame) p.alter(other, frame)
    } else deliver(frame, parseEnd(where))
  })
  const over = (where: string): boolean => dragged?.over === where
  const of = (side: End['side']): readonly Standing[] => game.ends.filter((e) => e.at.side === side)
  const next = `s${of('server').length}`
  const chip = (h: Held, i: number) => (
    <li key={nameOfRef(h.ref)}>
      <button
        type="button"
        class={`chip ${h.ref.by.side}${h.delivered === 0 ? ' fresh' : ''}${over(`frame ${i}`) ? ' over' : ''}`}
        data-drop={`frame ${i}`}
        aria-pressed={p.chosen === i}
        onPointerDown={(e) => begin(i, e)}
        onClick={() => p.choose(p.chosen === i ? null : i)}
      >
        <strong>{h.id}</strong> {h.label}{' '}
        <span class="quiet">
          of {endName(h.ref.by)}, {said(h)}
        </span>
      </button>
    </li>
  )
  const indexed = game.held.map((h, i) => [h, i] as const)
  const set = indexed.filter(([h]) => isAside(h))
  return (
    <section class="board" aria-label="the network">
      <div class="lane">
        <h2>Clients</h2>
        {of('client').map((e) => (
          <Card key={endName(e.at)} e={e} game={game} over={over(endName(e.at))} act={act} />
        ))}
        {game.schedule.setup.clients.map((id, client) => (
          <button key={id} type="button" onClick={() => act({ do: 'connect', client })}>
            start a run of client {id}
          </button>
        ))}
      </div>
      <div class="lane net">
        <h2>Adversary</h2>
        {game.held.length === 0 && <p class="quiet">No frame yet: start a run of a client.</p>}
        <ul class="chips" aria-label="frames that the adversary holds">
          {indexed.filter(([h]) => !isAside(h)).map(([h, i]) => chip(h, i))}
        </ul>
        <div class="tiles">
          <div class={over('alter') ? 'tile over' : 'tile'} data-drop="alter">
            drop here to alter
          </div>
          <div class={over('aside') ? 'tile over' : 'tile'} data-drop="aside">
            drop here to lose it
            {set.length > 0 && (
              <ul class="chips" aria-label="frames that are lost">
                {set.map(([h, i]) => chip(h, i))}
              </ul>
            )}
          </div>
        </div>
      </div>
      <div class="lane">
        <h2>Server</h2>
        {of('server').map((e) => (
          <Card key={endName(e.at)} e={e} game={game} over={over(endName(e.at))} act={act} />
        ))}
        <div class={over(next) ? 'card new over' : 'card new'} data-drop={next}>
          <strong>{next}</strong> <span class="quiet">a new connection</span>
        </div>
      </div>
      {dragged !== null && (
        <div class="ghost" aria-hidden="true" style={{ transform: `translate(${dragged.x}px, ${dragged.y}px)` }}>
          {game.held[dragged.what]?.id} {game.held[dragged.what]?.label}
        </div>
      )}
    </section>
  )
}

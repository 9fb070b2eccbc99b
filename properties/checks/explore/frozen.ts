/** What the model's scopes come to, frozen: a changed model changes these numbers in the diff, or the gate is red. */
export interface Counts {
  readonly states: number
  readonly transitions: number
  readonly depth: number
}

export const FROZEN: Readonly<Record<string, Counts>> = {
  'literal, 1x2x2x1, powers N, concurrent runs': { states: 14_640, transitions: 133_544, depth: 14 },
  'literal, 1x2x2x1, powers N,F, sequential runs': { states: 10_101, transitions: 73_615, depth: 14 },
  'literal, 1x1x3x1, powers N, sequential runs, 2 half-open': { states: 3_203, transitions: 25_937, depth: 13 },
  'literal, 2x1x2x2, powers N,I, sequential runs': { states: 2_839, transitions: 22_222, depth: 13 },
  'bound, 1x2x3x2, powers N,L,F, sequential runs': { states: 422_072, transitions: 4_633_703, depth: 21 },
  'bound, 1x2x2x2, powers N,F, concurrent runs': { states: 14_422, transitions: 139_592, depth: 18 },
  'bound, 1x1x3x1, powers N, sequential runs, 2 half-open': { states: 1_038, transitions: 8_654, depth: 11 },
  'bound, 2x1x2x2, powers N,I, sequential runs': { states: 2_442, transitions: 19_869, depth: 13 },
}

/** Where mutants and soak still look for these; gone once they do not. */
export { type Column, table as plainTable } from '../../harness/terminal/table.ts'
export { type Paint, painter } from '../../harness/terminal/text.ts'
export const plain = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
}

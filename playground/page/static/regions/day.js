// An administrator's day, step by step beside the places: what to press, and how one sees that it held.

import { fill, h, icon } from '../base/dom.js'
import { state } from '../base/state.js'

const KEPT = 'day'
const NOTE = 'Forbid a card, set a budget, find who did it, revoke a token'
const STEPS = [
  {
    title: 'Something happens',
    who: 'Member',
    press: [
      'Type /mcp connect, press Connect beside Notes.',
      'Write “add a note: order the cake”, press Approve.',
    ],
    held: 'The answer says that the note was added.',
  },
  {
    title: 'Who did that?',
    who: 'Owner',
    press: [
      'Home, Audit, “Filter, verify, export”.',
      'In the second menu choose “A tool that may change something was called”.',
      'Press Verify below.',
    ],
    held: 'An entry names Member, the tool and the hour, not what the note says; and no entry was changed or is missing.',
  },
  {
    title: 'Forbid a card',
    who: 'Owner',
    press: ['Home, Connections, Forbid beside Notes, and once more.'],
    held: 'Its line says “forbidden”. Member is told, and “list my notes” is not done any more. Allow it again when you have seen it.',
  },
  {
    title: 'Set a budget',
    who: 'Owner',
    press: ['Home, Budgets, Change budgets.', 'Type 0 for each member, press Save.'],
    held: 'What Member asks now is refused, with the reason and when it ends. Empty the field to lift it.',
  },
  {
    title: 'Revoke a token',
    who: 'Member, then Owner',
    press: [
      'As Member: Home, New token, and open its page.',
      'Connect with it in “An outside program”.',
      'As Owner: Home, People, choose Member, Revoke beside the token.',
    ],
    held: 'Member is told, and “An outside program” is refused when it connects again.',
  },
  {
    title: 'The other workspace',
    who: 'Owner',
    press: ['Go there by the link on top; add the app if it is not there yet.', 'Look at Connections, Budgets and Audit.'],
    held: 'Nothing is forbidden or limited there, and its audit knows nothing of this day.',
    alone: 'Stop the playground and start it with “usher try --two”: what you set holds in one workspace alone.',
  },
]

const card = h('section', { class: 'day', 'data-key': 'day', 'aria-label': "An administrator's day" })
let at = kept()

/** The button, and the card while it is open; they stay the same nodes. */
export function day() {
  draw()
  return card
}

function kept() {
  const step = Number(localStorage.getItem(KEPT) ?? -1)
  return step >= 0 && step < STEPS.length ? step : -1
}

function turn(step) {
  at = step
  localStorage.setItem(KEPT, String(step))
  draw()
}

function draw() {
  const open = at >= 0
  fill(card, [
    h(
      'button',
      {
        type: 'button',
        class: 'place',
        title: NOTE,
        'aria-expanded': String(open),
        on: { click: () => turn(at >= 0 ? -1 : 0) },
      },
      h('span', { class: 'hash' }, icon('check')),
      h('span', { class: 'place-name' }, "An administrator's day"),
      icon(open ? 'down' : 'right'),
    ),
    open && step(STEPS[at]),
  ].filter(Boolean))
}

function step({ title, who, press, held, alone }) {
  const other = !alone || state.workspace.others.length > 0
  return h(
    'div',
    { class: 'day-step', tabindex: '0', role: 'group', 'aria-label': title },
    h('h3', {}, `${at + 1} of ${STEPS.length}: ${title}`),
    other && h('p', { class: 'day-who' }, `Acting as ${who}`),
    other && h('ol', {}, press.map((each) => h('li', {}, each))),
    h('p', {}, h('strong', {}, other ? 'It held: ' : 'To see it: '), other ? held : alone),
    h(
      'div',
      { class: 'day-turn' },
      at > 0 && h('button', { type: 'button', class: 'button small', on: { click: () => turn(at - 1) } }, 'Back'),
      h(
        'button',
        { type: 'button', class: 'button small', on: { click: () => turn(at + 1 < STEPS.length ? at + 1 : -1) } },
        at + 1 < STEPS.length ? 'Next' : 'Done',
      ),
    ),
  )
}

// The stack of modals: the last view is shown, what was typed in those below is kept.

import { perform, pressIn } from '../base/acts.js'
import { blocks } from '../block_kit/blocks.js'
import { complaints } from '../block_kit/complaints.js'
import { fill, h, icon } from '../base/dom.js'
import { valuesOf } from '../block_kit/elements.js'
import { all, nameOf, state } from '../base/state.js'
import { withEmoji } from '../base/emoji.js'

const dialog = h('dialog', { class: 'modal', 'aria-labelledby': 'modal-title' })
const own = new Map() // view id → errors that this page found itself
let submitting = null // the view that waits for its answer
let redraw = () => {}

/** Put the dialog into the page; `changed` asks for another drawing. */
export function mountModal(changed) {
  redraw = changed
  document.body.append(dialog)
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault()
    if (state.modals.length) close(state.modals.at(-1))
  })
}

/** Show the stack as the state has it. */
export function drawModal() {
  const top = state.modals.at(-1)
  if (submitting && submitting.hash !== top?.hash) submitting = null
  const before = dialog.querySelector('form:not([hidden])')?.dataset.key
  fill(
    dialog,
    state.modals.map((view) => viewForm(view, view === top)),
  )
  if (!top) return void (dialog.open && dialog.close())
  if (!dialog.open) dialog.showModal()
  if (before !== top.id) begin(dialog.querySelector('form:not([hidden])'))
}

function begin(form) {
  const first =
    form.querySelector('[autofocus]') ?? form.querySelector('.view-body .field, .view-body input, .view-body button')
  ;(first ?? form.querySelector('.submit') ?? form.querySelector('.close')).focus()
}

function viewForm(view, top) {
  const mine = own.get(view.id)
  const told = state.trouble?.view_id === view.id ? state.trouble : null
  const errors = { ...mine, ...told?.errors }
  const surface = {
    id: `view-${view.id}`,
    names: nameOf,
    all,
    errors,
    press: (action, from) =>
      pressIn({ type: 'view', view_id: view.id }, () => valuesOf(from?.closest('form') ?? formOf(view)))(action),
  }
  const busy = submitting?.id === view.id
  return h(
    'form',
    {
      class: 'view',
      'data-key': view.id,
      hidden: !top,
      novalidate: true,
      'aria-busy': String(busy),
      on: { submit: (event) => submit(event, view) },
    },
    heading(view, top),
    h(
      'div',
      { class: 'view-body', inert: busy },
      told?.form && h('div', { class: 'alert error', role: 'alert', 'data-key': 'trouble' }, icon('error'), told.form),
      blocks(view.blocks, surface),
    ),
    footer(view, busy),
  )
}

function heading(view, top) {
  return h(
    'div',
    { class: 'view-head' },
    view.can_go_back && quiet('back', 'Back', () => close(view)),
    h('h2', { id: top ? 'modal-title' : null }, withEmoji(view.title)),
    quiet('close', 'Close', () => perform({ do: 'close', view_id: view.id, all: true })),
  )
}

function quiet(name, label, click) {
  return h(
    'button',
    { type: 'button', class: 'tool', 'data-key': name, 'aria-label': label, on: { click } },
    icon(name),
  )
}

function footer(view, busy) {
  const submitButton =
    view.submit &&
    h(
      'button',
      { type: 'submit', class: 'button primary submit', disabled: busy, 'data-key': 'submit' },
      busy && icon('working', 'Working'),
      withEmoji(view.submit),
    )
  return h(
    'div',
    { class: 'foot' },
    h(
      'button',
      { type: 'button', class: 'button close', 'data-key': 'close', on: { click: () => close(view) } },
      withEmoji(view.close ?? 'Cancel'),
    ),
    submitButton,
  )
}

function close(view) {
  return perform({ do: 'close', view_id: view.id })
}

async function submit(event, view) {
  event.preventDefault()
  if (submitting) return
  const values = valuesOf(event.currentTarget)
  const found = complaints(view.blocks, values)
  state.trouble = null
  own.set(view.id, found)
  if (Object.keys(found).length) return refuse(view)
  submitting = view
  redraw()
  const answer = await perform({ do: 'submit', view_id: view.id, values }, { quiet: true })
  submitting = null
  if (!answer.ok && !state.trouble) state.trouble = { view_id: view.id, errors: {}, form: answer.error }
  if (state.trouble) refuse(view)
  else redraw()
}

function refuse(view) {
  redraw()
  requestAnimationFrame(() => formOf(view)?.querySelector('[aria-invalid=true]')?.focus())
}

function formOf(view) {
  return [...dialog.children].find((form) => form.dataset.key === view.id)
}

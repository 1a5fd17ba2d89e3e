// Elements to choose with: one of a list (select, radio buttons) and several (checkboxes, multi-select).

import { h, icon } from '../base/dom.js'
import { plain, textNodes, counted } from '../text/texts.js'

/** The options of a select, in order, with the titles of their groups. */
function grouped(shape) {
  return shape.option_groups ?? [{ label: null, options: shape.options ?? [] }]
}

const flat = (shape) => grouped(shape).flatMap((group) => group.options)
const same = (one, other) => one?.value === other?.value

/** A person, channel or conversation select becomes a plain one over what the workspace has. */
function ofWorkspace(shape, surface) {
  const kind = /users/.test(shape.type) ? 'people' : 'channels'
  const options = surface.all(kind).map(({ id, name }) => ({ text: { type: 'plain_text', text: name }, value: id }))
  return { ...shape, options }
}

function select(shape, press, surface) {
  const filled = /^static|^multi_static/.test(shape.type) ? shape : ofWorkspace(shape, surface)
  const begin = filled.initial_option?.value ?? filled[INITIAL_ID[shape.type]] ?? ''
  const line = (one) => h('option', { value: one.value, selected: one.value === begin }, plain(one.text))
  const lines = grouped(filled).map((group) => {
    return group.label ? h('optgroup', { label: plain(group.label) }, group.options.map(line)) : group.options.map(line)
  })
  const tell = (event) => press(event.currentTarget.value || null, event.currentTarget)
  const first = h(
    'option',
    { value: '', disabled: Boolean(begin), hidden: Boolean(begin) },
    plain(shape.placeholder) || 'Choose…',
  )
  return h(
    'span',
    { class: 'select' },
    h('select', { class: 'field', ...naming(surface, shape), on: { change: tell } }, first, lines),
    icon('down'),
  )
}

const INITIAL_ID = {
  users_select: 'initial_user',
  channels_select: 'initial_channel',
  conversations_select: 'initial_conversation',
}

function naming(surface, shape) {
  const input = surface.input
  if (!input) return { 'aria-label': plain(shape.placeholder) || shape.action_id }
  return { id: input.id, 'aria-describedby': input.describedBy, 'aria-invalid': input.error ? 'true' : null }
}

/** Boxes or radio buttons, each with its description. */
function list(shape, press, surface, kind, begin) {
  const tell = (event) => {
    const holder = event.currentTarget.closest('.element')
    press(kind === 'radio' ? readRadio(holder) : readBoxes(holder), holder)
  }
  const lines = flat(shape).map((one) =>
    h(
      'label',
      { class: 'choice', 'data-key': one.value },
      h('input', {
        type: kind,
        name: surface.name,
        value: one.value,
        checked: begin.some((other) => same(other, one)),
        on: { change: tell },
      }),
      h(
        'span',
        {},
        textNodes(one.text, surface.names),
        one.description && h('small', {}, textNodes(one.description, surface.names)),
      ),
    ),
  )
  const role = kind === 'radio' ? 'radiogroup' : 'group'
  const input = surface.input
  return h(
    'div',
    {
      class: 'choices',
      role,
      id: input?.id,
      'aria-labelledby': input?.labelledBy,
      'aria-label': input ? null : 'Choices',
    },
    lines,
  )
}

/** Several of many: a drop-down of boxes that shows how many are chosen. */
function many(shape, press, surface) {
  const boxes = list(
    shape,
    press,
    { ...surface, input: surface.input && { labelledBy: surface.input.labelledBy } },
    'checkbox',
    shape.initial_options ?? [],
  )
  const asked = plain(shape.placeholder) || 'Choose…'
  const summary = h(
    'summary',
    { class: 'field', id: surface.input?.id, 'aria-describedby': surface.input?.describedBy },
    shownChoice(shape.initial_options ?? [], asked),
    icon('down'),
  )
  const refresh = (event) => {
    const values = readBoxes(event.currentTarget)
    const chosen = flat(shape).filter((one) => values.includes(one.value))
    summary.firstChild.data = shownChoice(chosen, asked)
  }
  return h('details', { class: 'many', on: { change: refresh } }, summary, boxes)
}

/** Several people or conversations of the workspace. */
function manyOfWorkspace(shape, press, surface) {
  const filled = ofWorkspace(shape, surface)
  const chosen = new Set(shape.initial_users ?? shape.initial_conversations ?? [])
  return many({ ...filled, initial_options: filled.options.filter((one) => chosen.has(one.value)) }, press, surface)
}

function shownChoice(chosen, asked) {
  if (!chosen.length) return asked
  return chosen.length > 2
    ? counted(chosen.length, 'chosen', 'chosen')
    : chosen.map((one) => plain(one.text)).join(', ')
}

const readSelect = (holder) => holder.querySelector('select').value || null
const readRadio = (holder) => holder.querySelector('input:checked')?.value ?? null
const readBoxes = (holder) => [...holder.querySelectorAll('input:checked')].map((box) => box.value)

const selects = ['static_select', 'external_select', ...Object.keys(INITIAL_ID)]

export const pickOne = {
  makers: {
    ...Object.fromEntries(selects.map((type) => [type, select])),
    radio_buttons: (shape, press, surface) =>
      list(shape, press, surface, 'radio', [shape.initial_option].filter(Boolean)),
  },
  readers: { ...Object.fromEntries(selects.map((type) => [type, readSelect])), radio_buttons: readRadio },
}

export const pickMany = {
  makers: {
    checkboxes: (shape, press, surface) => list(shape, press, surface, 'checkbox', shape.initial_options ?? []),
    multi_static_select: many,
    multi_users_select: manyOfWorkspace,
    multi_conversations_select: manyOfWorkspace,
  },
  readers: {
    checkboxes: readBoxes,
    multi_static_select: readBoxes,
    multi_users_select: readBoxes,
    multi_conversations_select: readBoxes,
  },
}

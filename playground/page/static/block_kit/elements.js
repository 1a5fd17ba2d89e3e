// Block Kit's interactive elements. What a person entered lives in the DOM and is read from there.

import { factsOf, h, icon } from '../base/dom.js'
import { picture } from '../text/inline.js'
import { openMenu } from '../base/menu.js'
import { confirmed } from './confirm.js'
import { pickMany, pickOne } from './choices.js'
import { plain } from '../text/texts.js'

/** The DOM of an element. `surface` says where it stands: {press(action), names(id), typed} (press only when it acts). */
export function element(shape, blockId, surface) {
  const make = MAKERS[shape.type]
  if (!make) return h('span', { class: 'unknown' }, `This page does not show “${shape.type}” yet.`)
  const key = `${blockId}/${shape.action_id ?? ''}/${shape.type}`
  const node = make(shape, acting(shape, blockId, surface), { ...surface, name: `${surface.id}/${key}` })
  return h('span', { class: `element element-${shape.type}`, 'data-key': key, facts: { shape, blockId } }, node)
}

/** What is filled in below `root`: {block_id: {action_id: string | [string] | null}}. */
export function valuesOf(root) {
  const values = {}
  for (const holder of root.querySelectorAll('.element')) {
    const { shape, blockId } = factsOf(holder)
    const read = READERS[shape.type]
    if (!read) continue
    values[blockId] ??= {}
    values[blockId][shape.action_id] = read(holder)
  }
  return values
}

/** A function to call with the chosen value: asks first when the element wants that, and shows that it is on its way. */
function acting(shape, blockId, surface) {
  return async (value, from) => {
    if (!surface.press) return
    if (shape.confirm && !(await confirmed(shape.confirm, surface.names))) return
    from?.classList.add('pressed')
    try {
      await surface.press(
        { block_id: blockId, action_id: shape.action_id, ...(value === undefined ? {} : { value }) },
        from,
      )
    } finally {
      from?.classList.remove('pressed')
    }
  }
}

function button(shape, press) {
  const look = { class: `button ${shape.style ?? ''}`, 'aria-label': shape.accessibility_label ?? null }
  const tell = (event) => press(undefined, event.currentTarget)
  if (!shape.url) return h('button', { type: 'button', ...look, on: { click: tell } }, plain(shape.text))
  // A button with a URL opens it and sends the click too, as Slack does.
  const target = { href: shape.url, target: '_blank', rel: 'noopener noreferrer' }
  return h('a', { ...look, ...target, on: { click: tell } }, plain(shape.text), icon('out', '(opens in a new tab)'))
}

function overflow(shape, press) {
  const items = () =>
    shape.options.map((one) => ({
      text: plain(one.text),
      note: plain(one.description),
      url: one.url,
      choose: () => press(one.value),
    }))
  const attributes = { type: 'button', class: 'button square', 'aria-label': 'More actions', 'aria-haspopup': 'menu' }
  return h('button', { ...attributes, on: { click: (event) => openMenu(event.currentTarget, items()) } }, icon('more'))
}

function feedback(shape, press) {
  const vote = (one, name) =>
    h(
      'button',
      {
        type: 'button',
        class: 'button quiet',
        'aria-label': one.accessibility_label ?? plain(one.text),
        title: plain(one.text),
        on: { click: (event) => press(one.value, chosen(event.currentTarget)) },
      },
      icon(name),
    )
  return h(
    'span',
    { class: 'feedback' },
    vote(shape.positive_button, 'thumb-up'),
    vote(shape.negative_button, 'thumb-down'),
  )
}

function chosen(node) {
  for (const other of node.parentNode.children) other.setAttribute('aria-pressed', String(other === node))
  return node
}

function iconButton(shape, press) {
  const tell = (event) => press(undefined, event.currentTarget)
  const label = shape.accessibility_label ?? plain(shape.text)
  return h(
    'button',
    { type: 'button', class: 'button quiet', 'aria-label': label, title: label, on: { click: tell } },
    icon(shape.icon ?? 'more'),
  )
}

const FIELD_KINDS = {
  url_text_input: 'url',
  email_text_input: 'email',
  number_input: 'number',
  datepicker: 'date',
  timepicker: 'time',
}
const FIELD_STARTS = { datepicker: 'initial_date', timepicker: 'initial_time' }

function field(shape, press, surface) {
  const begin = shape[FIELD_STARTS[shape.type] ?? 'initial_value'] ?? ''
  const attributes = {
    class: 'field',
    placeholder: plain(shape.placeholder) || null,
    maxlength: shape.max_length,
    minlength: shape.min_length,
    min: shape.min_value,
    max: shape.max_value,
    autofocus: shape.focus_on_load,
    ...labels(surface, shape),
    on: dispatching(shape, press),
  }
  if (shape.multiline) return h('textarea', { ...attributes, rows: 4 }, begin)
  const kind = FIELD_KINDS[shape.type] ?? 'text'
  return h('input', { type: kind, value: begin, autocomplete: 'off', ...attributes })
}

/** Slack counts a moment in seconds; a person picks it in their own zone. */
function moment(shape, press, surface) {
  const begin = shape.initial_date_time ? localTime(shape.initial_date_time) : ''
  const tell = (event) => press(seconds(event.currentTarget.value))
  const attributes = { class: 'field', value: begin, ...labels(surface, shape), on: { change: tell } }
  return h('input', { type: 'datetime-local', ...attributes })
}

function localTime(secondsSince1970) {
  const at = new Date(secondsSince1970 * 1000)
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const seconds = (local) => (local ? String(Math.floor(new Date(local).getTime() / 1000)) : null)

function labels(surface, shape) {
  const input = surface.input
  if (!input) return { 'aria-label': plain(shape.placeholder) || shape.action_id }
  return {
    id: input.id,
    'aria-describedby': input.describedBy,
    'aria-invalid': input.error ? 'true' : null,
    required: !input.optional,
  }
}

function dispatching(shape, press) {
  const tell = (event) => press(event.currentTarget.value || null)
  if (shape.type in FIELD_STARTS) return { change: tell }
  const when = shape.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed']
  return {
    input: when.includes('on_character_entered') ? tell : () => {},
    keydown: (event) => {
      if (event.key === 'Enter' && !shape.multiline && when.includes('on_enter_pressed')) tell(event)
    },
  }
}

const readMoment = (holder) => seconds(holder.querySelector('.field').value)
const readField = (holder) => holder.querySelector('.field').value || null
const fields = ['plain_text_input', ...Object.keys(FIELD_KINDS)]

const MAKERS = {
  button,
  overflow,
  feedback_buttons: feedback,
  icon_button: iconButton,
  image: picture,
  datetimepicker: moment,
  ...Object.fromEntries(fields.map((type) => [type, field])),
  ...pickOne.makers,
  ...pickMany.makers,
}

const READERS = {
  datetimepicker: readMoment,
  ...Object.fromEntries(fields.map((type) => [type, readField])),
  ...pickOne.readers,
  ...pickMany.readers,
}

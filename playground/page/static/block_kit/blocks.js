// Block Kit's blocks as DOM.

import { h, icon } from '../base/dom.js'
import { chart } from './charts.js'
import { element } from './elements.js'
import { link, picture } from '../text/inline.js'
import { markdown } from '../text/markdown.js'
import { richText } from '../text/rich_text.js'
import { taskCard } from './tasks.js'
import { plain, textNodes } from '../text/texts.js'

/**
 * Blocks for a surface: {id, names(id), all(kind), press?(action, from), errors?}; without `press` nothing acts.
 */
export function blocks(list, surface) {
  return (list ?? []).map((block, index) => {
    const key = block.block_id ?? `${block.type}-${index}`
    const make = KINDS[block.type] ?? unknown
    return h('div', { class: `block block-${block.type}`, 'data-key': key }, make({ ...block, block_id: key }, surface))
  })
}

function unknown(block) {
  return h('p', { class: 'unknown' }, `This page does not show “${block.type}” blocks yet.`)
}

function section(block, surface) {
  const body = block.text && h('div', { class: 'prose' }, textNodes(block.text, surface.names))
  const fields =
    block.fields &&
    h(
      'div',
      { class: 'fields' },
      block.fields.map((field) => h('div', { class: 'prose' }, textNodes(field, surface.names))),
    )
  const accessory =
    block.accessory && h('div', { class: 'accessory' }, element(block.accessory, block.block_id, surface))
  return [h('div', { class: 'body' }, body, fields), accessory]
}

function context(block, surface) {
  return block.elements.map((part) =>
    part.type === 'image' ? picture(part) : h('div', { class: 'prose' }, textNodes(part, surface.names)),
  )
}

function elements(block, surface) {
  return block.elements.map((shape) => element(shape, block.block_id, surface))
}

function input(block, surface) {
  const id = `${surface.id}-${block.block_id}-${block.element.action_id}`.replace(/\W/g, '-')
  const error = surface.errors?.[block.block_id]
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || null
  const inside = { id, labelledBy: `${id}-label`, describedBy: described, error, optional: block.optional }
  // An input tells the app of a change only when it asks for that.
  const press = block.dispatch_action ? surface.press : undefined
  const group = /^(checkboxes|radio_buttons|multi_\w+_select)$/.test(block.element.type)
  const caption = [plain(block.label), block.optional && h('span', { class: 'optional' }, '(optional)')]
  return [
    group
      ? h('div', { class: 'label', id: `${id}-label` }, caption)
      : h('label', { class: 'label', id: `${id}-label`, for: id }, caption),
    element(block.element, block.block_id, { ...surface, press, input: inside }),
    error && h('p', { class: 'field-error', id: `${id}-error`, role: 'alert' }, icon('error'), error),
    block.hint && h('p', { class: 'hint', id: `${id}-hint` }, plain(block.hint)),
  ]
}

function image(block) {
  return h('figure', {}, block.title && h('figcaption', {}, plain(block.title)), picture(block))
}

function alert(block, surface) {
  const level = block.level ?? 'default'
  const marks = { error: 'error', warning: 'warning', success: 'check', info: 'info', default: 'info' }
  return h(
    'div',
    { class: `alert ${level}`, role: level === 'error' ? 'alert' : 'note' },
    icon(marks[level] ?? 'info'),
    h('div', { class: 'prose' }, textNodes(block.text, surface.names)),
  )
}

function plan(block, surface) {
  const tasks = (block.tasks ?? []).map((task) => taskCard(readTask(task), surface.names))
  return h(
    'div',
    { class: 'plan' },
    h('div', { class: 'plan-title' }, icon('plan'), plain(asText(block.title))),
    h('ul', {}, tasks),
  )
}

const asText = (value) => (typeof value === 'string' ? { text: value } : value)

function readTask(task) {
  const flat = (value) => (value && typeof value === 'object' ? value : (value ?? null))
  return {
    id: task.task_id,
    title: asText(task.title)?.text,
    status: task.status,
    details: flat(task.details),
    output: flat(task.output),
    sources: task.sources,
  }
}

function video(block) {
  return h('p', {}, link(block.title_url ?? block.video_url, plain(block.title)))
}

function table(block, surface) {
  const side = (column) => `cell-${block.column_settings?.[column]?.align ?? 'left'}`
  const cell = (tag) => (one, column) =>
    h(tag, { class: side(column) }, one.type === 'rich_text' ? richText(one.elements, surface.names) : one.text)
  const [head, ...rows] = block.rows ?? []
  return h(
    'div',
    { class: 'table-block', tabindex: '0', role: 'group', 'aria-label': 'Table' },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, (head ?? []).map(cell('th')))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map(cell('td'))))),
    ),
  )
}

const KINDS = {
  section,
  context,
  input,
  image,
  alert,
  plan,
  video,
  table,
  data_visualization: chart,
  header: (block, surface) => h(surface.heading ?? 'h3', {}, plain(block.text)),
  divider: () => h('hr'),
  actions: elements,
  context_actions: elements,
  markdown: (block, surface) => h('div', { class: 'prose' }, markdown(block.text, surface.names)),
  rich_text: (block, surface) => h('div', { class: 'prose' }, richText(block.elements, surface.names)),
  task_card: (block, surface) => h('ul', { class: 'tasks' }, taskCard(readTask(block), surface.names)),
}

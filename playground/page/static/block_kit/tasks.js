// Task cards: what the app is doing, step by step, each with a status, details and an output to unfold.

import { h, icon } from '../base/dom.js'
import { link } from '../text/inline.js'
import { markdown } from '../text/markdown.js'
import { richText } from '../text/rich_text.js'

const STATES = {
  pending: ['pending', 'Waiting'],
  in_progress: ['working', 'Working'],
  complete: ['check', 'Done'],
  error: ['error', 'Failed'],
}

/** One task as a list item: {id, title, status, details, output, sources}. */
export function taskCard(task, names) {
  const [mark, said] = STATES[task.status] ?? STATES.pending
  const sources = (task.sources ?? []).map((source) => link(source.url, source.text ?? source.url))
  return h(
    'li',
    { class: `task ${task.status}`, 'data-key': `task-${task.id}` },
    h('span', { class: 'task-mark' }, icon(mark, said)),
    h(
      'div',
      { class: 'task-body' },
      h('div', { class: 'task-title' }, task.title),
      filled(task.details) && h('div', { class: 'task-details prose' }, rich(task.details, names)),
      filled(task.output) &&
        h(
          'details',
          { class: 'task-output' },
          h('summary', {}, icon('right'), 'Output'),
          h('div', { class: 'prose' }, rich(task.output, names)),
        ),
      sources.length > 0 && h('div', { class: 'task-sources' }, sources),
    ),
  )
}

function filled(value) {
  return typeof value === 'string' ? value.trim() !== '' : Boolean(value)
}

function rich(value, names) {
  return typeof value === 'string' ? markdown(value, names) : richText(value.elements ?? [], names)
}

/** The parts of a streamed message: text, and runs of tasks drawn together, as a plan or in a line. */
export function streamed(parts, display, names, drawBlocks) {
  const nodes = []
  let tasks = null
  for (const [index, part] of parts.entries()) {
    if (part.type === 'task' || part.type === 'plan') {
      tasks ??= opened(nodes, display)
      if (part.type === 'plan') tasks.title.replaceChildren(icon('plan'), part.title)
      else tasks.list.append(taskCard(part, names))
      if (part.type === 'plan') tasks.title.hidden = false
    } else {
      if (display !== 'plan') tasks = null // a plan holds all of them, wherever they came
      nodes.push(
        part.type === 'blocks'
          ? h('div', { class: 'blocks', 'data-key': `part-${index}` }, drawBlocks(part.blocks))
          : h('div', { class: 'prose', 'data-key': `part-${index}` }, markdown(part.text, names)),
      )
    }
  }
  return nodes
}

function opened(nodes, display) {
  const title = h('div', { class: 'plan-title', hidden: true })
  const list = h('ul', { class: 'tasks' })
  nodes.push(
    h('div', { class: display === 'plan' ? 'plan' : 'timeline', 'data-key': `tasks-${nodes.length}` }, title, list),
  )
  return { title, list }
}

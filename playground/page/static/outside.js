// A program outside of Slack: connects by a token, shows the tools that it is lent, and calls one.

import { h } from './base/dom.js'

const EXAMPLES = { title: 'Supplier survey', query: 'survey', connection: 'Notes' }
const ADDRESS = /https?:\/\/\S+/g
const form = document.getElementById('connect')
const token = document.getElementById('token')
const trouble = document.getElementById('trouble')
const offered = document.getElementById('offered')
const tools = document.getElementById('tools')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  await busy(form.querySelector('button'), async () => {
    const told = await asked({})
    offered.hidden = !told.tools
    if (!told.tools) return
    document.getElementById('offered-title').textContent = counted(told.tools.length)
    tools.replaceChildren(...told.tools.map(line))
  })
})

function counted(number) {
  if (number === 0) return 'Usher lends this token no tool'
  return number === 1 ? 'Usher lends this token one tool' : `Usher lends this token ${number} tools`
}

function line(tool) {
  const given = h('textarea', { class: 'field', rows: 3, spellcheck: 'false', 'aria-label': `Arguments of ${tool.title}, as JSON` })
  given.value = JSON.stringify(Object.fromEntries(tool.needed.map((name) => [name, EXAMPLES[name] ?? ''])), null, 2)
  const answer = h('div', { class: 'answer', role: 'status', hidden: true })
  const button = h('button', { class: 'button primary', type: 'submit' }, 'Call it')
  const takes = tool.takes.length > 0
  const call = h('form', { on: { submit: (event) => called(event, tool, given, answer, button) } }, takes && given, button)
  return h(
    'li',
    {},
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('strong', {}, tool.title),
        h('code', {}, tool.name),
        h('span', { class: tool.reads ? 'does' : 'does changes' }, tool.reads ? 'looks' : 'changes'),
      ),
      h('p', { class: 'about' }, tool.about),
      takes && h('p', { class: 'hint' }, `Takes ${tool.takes.join(', ')}.`),
      call,
      answer,
    ),
  )
}

async function called(event, tool, given, answer, button) {
  event.preventDefault()
  let values
  try {
    values = JSON.parse(given.value || '{}')
  } catch {
    return show(answer, 'These arguments are no JSON.', true)
  }
  await busy(button, async () => {
    const told = await asked({ tool: tool.name, arguments: values })
    if (told.answer) show(answer, told.answer.text, told.answer.failed)
    else show(answer, told.trouble, true)
  })
}

function show(answer, text, failed) {
  answer.hidden = false
  answer.classList.toggle('failed', failed)
  answer.replaceChildren(...linked(text))
}

/** Addresses can be followed: a link that was made is opened by whoever it is for. */
function linked(text) {
  const found = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    found.push(text.slice(from, match.index), h('a', { href: match[0], target: '_blank', rel: 'noopener' }, match[0]))
    from = match.index + match[0].length
  }
  return [...found, text.slice(from)]
}

async function asked(wanted) {
  let told
  try {
    const answer = await fetch('/page/outside', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: token.value, ...wanted }),
    })
    told = answer.ok ? await answer.json() : { trouble: await answer.text() }
  } catch {
    told = { trouble: 'The workspace does not answer. Is it still running?' }
  }
  trouble.hidden = !told.trouble
  trouble.textContent = told.trouble ?? ''
  return told
}

async function busy(button, doing) {
  button.disabled = true
  try {
    await doing()
  } finally {
    button.disabled = false
  }
}

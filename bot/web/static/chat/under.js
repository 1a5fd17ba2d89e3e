// What stands under a message: when it was said, and, of an answer, how to copy it and how good it was.

import { post } from '../api.js'
import { say } from '../words.js'

const COPIED = 2_000
const { lang } = document.documentElement
// The reader's own way to write a time, where that is one of this page's language.
const way = navigator.languages.find(each => each.split('-')[0] === lang) ?? lang

/** As the reader's own clock has it; of another day with the day, and always whole in the title. */
export function stamp(time, at) {
  const said = new Date(at)
  const today = said.toDateString() === new Date().toDateString()
  time.dateTime = said.toISOString()
  time.textContent = said.toLocaleString(way, today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' })
  time.title = said.toLocaleString(way, { dateStyle: 'full', timeStyle: 'medium' })
}

/** The line under a message of the list; `turn` only of an answer. */
export function putUnder(article, at, turn) {
  const line = article.appendChild(document.getElementById('under').content.firstElementChild.cloneNode(true))
  stamp(line.querySelector('time'), at)
  for (const button of line.querySelectorAll('button')) {
    if (!turn) button.remove()
    else if (button.name) button.value = turn
  }
}

/** What the guest thinks of an answer, wherever they said so. */
export function rated(list, { turn, verdict }) {
  for (const button of list.querySelectorAll('.under-said [name]')) {
    if (button.value === turn) button.setAttribute('aria-pressed', button.name === verdict)
  }
}

export function listen(list, form, complain) {
  for (const time of list.querySelectorAll('time')) stamp(time, Date.parse(time.dateTime))
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const { name, value: turn, ariaPressed } = event.submitter
    const verdict = ariaPressed === 'true' ? '' : name
    const { ok, body } = await post('rating', { turn, verdict })
    if (ok) rated(list, { turn, verdict })
    else complain(body.text ?? say('failed'))
  })
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('.copy-all')
    if (button) copy(button.closest('article').querySelector('.words'), button)
  })
}

async function copy(words, button) {
  // Without the heads of its blocks of code, which are no part of what was said.
  words.dataset.copied = ''
  const text = words.innerText
  delete words.dataset.copied
  try {
    await navigator.clipboard.writeText(text)
    button.dataset.done = say('copied')
  } catch {
    // Where the browser lets no page write there, the person can: all of it is marked.
    getSelection().selectAllChildren(words)
    button.dataset.done = say('marked')
  }
  setTimeout(() => { delete button.dataset.done }, COPIED)
}

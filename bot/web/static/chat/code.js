// Each block of code gets a line above it: its language, and a button that copies it.

import { say } from '../words.js'

const COPIED = 2_000

export function dressCode(words) {
  for (const block of words.querySelectorAll('pre')) {
    if (block.previousElementSibling?.className === 'code-head') continue
    const head = document.createElement('div')
    head.className = 'code-head'
    const language = head.appendChild(document.createElement('span'))
    language.textContent = block.querySelector('[data-lang]')?.dataset.lang ?? say('code')
    const button = head.appendChild(document.createElement('button'))
    button.type = 'button'
    button.className = 'copy'
    button.textContent = say('copy')
    button.addEventListener('click', () => copy(block, button))
    block.before(head)
  }
}

async function copy(block, button) {
  try {
    await navigator.clipboard.writeText(block.textContent)
    button.textContent = say('copied')
  } catch {
    // Where the browser lets no page write there, the person can: all of it is marked.
    getSelection().selectAllChildren(block)
    button.textContent = say('marked')
  }
  setTimeout(() => { button.textContent = say('copy') }, COPIED)
}

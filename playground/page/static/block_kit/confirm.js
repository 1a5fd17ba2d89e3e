// The dialog that asks «Are you sure?» before an action.

import { h } from '../base/dom.js'
import { plain, textNodes } from '../text/texts.js'

/** Resolves to true when the person agrees to Slack's confirm object. */
export function confirmed(question, names) {
  const agree = h('button', { class: `button ${question.style ?? 'primary'}`, value: 'yes' }, plain(question.confirm))
  const dialog = h(
    'dialog',
    { class: 'confirm', role: 'alertdialog', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
    h(
      'form',
      { method: 'dialog' },
      h('h2', { id: 'confirm-title' }, plain(question.title)),
      h('div', { id: 'confirm-text', class: 'prose' }, textNodes(question.text, names)),
      h('div', { class: 'foot' }, h('button', { class: 'button', value: 'no' }, plain(question.deny)), agree),
    ),
  )
  document.body.append(dialog)
  dialog.showModal()
  agree.focus()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
  })
}

// A menu that opens beside a button: arrow keys move, Escape closes, the focus goes back.

import { h } from './dom.js'

let open = null

/** Open `items` ({text, note, url, choose, heading}) beside `anchor`; a second press closes it. */
export function openMenu(anchor, items) {
  if (open?.anchor === anchor) return close()
  close()
  const list = h(
    'div',
    {
      class: 'menu',
      role: 'menu',
      popover: 'auto',
      'aria-label': anchor.getAttribute('aria-label') ?? anchor.textContent,
    },
    items.map(line),
  )
  list.addEventListener('keydown', move)
  list.addEventListener('toggle', (event) => event.newState === 'closed' && forget(list))
  // Inside an open dialog, or the dialog would make it inert.
  const host = anchor.closest('dialog') ?? document.body
  host.append(list)
  list.showPopover()
  place(list, anchor)
  anchor.setAttribute('aria-expanded', 'true')
  open = { anchor, list }
  list.querySelector('[role=menuitem]')?.focus()
  return list
}

function line(item) {
  if (item.heading) return h('div', { class: 'heading', role: 'presentation' }, item.heading)
  const label = [h('span', {}, item.text), item.note && h('small', {}, item.note)]
  const choose = () => {
    close()
    item.choose()
  }
  if (item.url)
    return h(
      'a',
      { role: 'menuitem', href: item.url, target: '_blank', rel: 'noopener noreferrer', on: { click: choose } },
      label,
    )
  return h('button', { type: 'button', role: 'menuitem', on: { click: choose } }, label)
}

function close() {
  open?.list.hidePopover()
}

function forget(list) {
  if (open?.list !== list) return
  open.anchor.setAttribute('aria-expanded', 'false')
  if (list.contains(document.activeElement) || document.activeElement === document.body) open.anchor.focus()
  open = null
  list.remove()
}

function move(event) {
  const items = [...event.currentTarget.querySelectorAll('[role=menuitem]')]
  const at = items.indexOf(document.activeElement)
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }
  if (!(event.key in steps)) return
  event.preventDefault()
  items.at(steps[event.key] % items.length)?.focus()
}

function place(list, anchor) {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = list
  const below = at.bottom + 4 + height <= innerHeight
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`
  list.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`
}

// Passing remarks at the foot of the page.

import { h, icon } from './dom.js'

const STAYS = 6000
const box = h('div', { class: 'remarks', role: 'status', popover: 'manual' })

/** Show a sentence for a while. */
export function remark(text) {
  // The same trouble may be told twice: by the act's answer and as a change.
  if ([...box.children].some((shown) => shown.textContent === text)) return
  const node = h('div', { class: 'remark' }, icon('warning'), h('span', {}, text))
  if (!box.isConnected) document.body.append(box)
  // Shown again, it comes to the top of whatever dialog is open.
  box.hidePopover()
  box.append(node)
  box.showPopover()
  setTimeout(() => {
    node.remove()
    if (!box.childElementCount) box.hidePopover()
  }, STAYS)
}

// A person's square with initials, or the app's own mark.

import { h, icon } from '../base/dom.js'
import { state } from '../base/state.js'

const COLOURS = 6

/** An avatar for a person's id; decorative, the name stands beside it. */
export function avatar(id, size = '') {
  const person = state.people.get(id)
  const classes = `avatar ${size}`
  if (id === state.app.user) return h('span', { class: `${classes} app`, 'aria-hidden': 'true' }, icon('usher'))
  const initials = (person?.name ?? '?')
    .split(/[\s._-]+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
  const colour = [...id].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % COLOURS
  return h('span', { class: `${classes} colour-${colour}`, 'aria-hidden': 'true' }, initials.join(''))
}

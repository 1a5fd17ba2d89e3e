// The middle of the page: a channel or the DM with the app, or the app's home.

import { pressIn } from '../base/acts.js'
import { avatar } from '../messages/avatar.js'
import { blocks } from '../block_kit/blocks.js'
import { h, icon } from '../base/dom.js'
import { valuesOf } from '../block_kit/elements.js'
import { all, nameOf, state } from '../base/state.js'

const isApp = (channel) => channel.with === state.app.user

/** The name of a place as it is shown. */
export const titleOf = (channel) => (isApp(channel) ? state.app.name : channel.name)

/** The bar on top; `openSide` shows the sidebar on a phone. */
export function header(channel, here, openSide) {
  return [
    h(
      'button',
      { type: 'button', class: 'tool side-button', 'aria-label': 'Show the places', on: { click: openSide } },
      icon('menu'),
    ),
    channel.kind === 'channel' ? h('span', { class: 'hash' }, icon('hash')) : avatar(channel.with, 'small'),
    h('h1', {}, titleOf(channel)),
    channel.topic && h('span', { class: 'topic' }, channel.topic),
    isApp(channel) && tabs(channel, here),
  ]
}

function tabs(channel, here) {
  const tab = (name, to, current) =>
    h('a', { class: 'tab', href: `#/${state.me}/${channel.id}${to}`, 'aria-current': current ? 'page' : null }, name)
  return h(
    'nav',
    { class: 'tabs', 'aria-label': state.app.name },
    state.app.messages && tab('Messages', '', here.tab !== 'home'),
    state.app.home && tab('Home', '/home', here.tab === 'home'),
  )
}

/** What hinders: the app or the workspace itself is away. */
export function banner() {
  if (!state.linked)
    return h(
      'div',
      { class: 'banner', role: 'status' },
      icon('warning'),
      'The local workspace does not answer. Trying again…',
    )
  if (!state.app.online)
    return h(
      'div',
      { class: 'banner', role: 'status' },
      icon('plug'),
      `${state.app.name} is offline: no app is connected. It goes on here as soon as it runs.`,
    )
  return null
}

/** What stands above the first message. */
export function beginning(channel) {
  const about = isApp(channel)
    ? state.app.about || `Write to ${state.app.name}, or type / to see its commands.`
    : `This is where #${channel.name} begins. Mention @${state.app.name} to ask it something.`
  return h(
    'div',
    { class: 'beginning', 'data-key': 'beginning' },
    isApp(channel)
      ? avatar(channel.with, 'large')
      : h('span', { class: 'beginning-mark', 'aria-hidden': 'true' }, icon('hash')),
    h('h2', {}, titleOf(channel)),
    h('p', {}, about),
  )
}

/** The app's home tab. */
export function homeTab() {
  const { home } = state
  if (!home)
    return h('div', { class: 'home-empty' }, icon('home'), h('p', {}, `${state.app.name} has not shown its home yet.`))
  const press = (action, from) =>
    pressIn({ type: 'view', view_id: home.view_id }, () => valuesOf(from?.closest('.home') ?? document.body))(action)
  return h(
    'div',
    { class: 'home blocks', 'data-key': home.view_id },
    blocks(home.blocks, { id: `view-${home.view_id}`, names: nameOf, all, press, heading: 'h2' }),
  )
}

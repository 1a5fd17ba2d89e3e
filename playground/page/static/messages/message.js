// One message.

import { pressIn, shortcut, stop } from '../base/acts.js'
import { avatar } from './avatar.js'
import { blocks } from '../block_kit/blocks.js'
import { h, icon } from '../base/dom.js'
import { valuesOf } from '../block_kit/elements.js'
import { openMenu } from '../base/menu.js'
import { mrkdwn } from '../text/mrkdwn.js'
import { go } from '../base/place.js'
import { all, nameOf, state } from '../base/state.js'
import { streamed } from '../block_kit/tasks.js'
import { counted, dayOf, time } from '../text/texts.js'
import { withEmoji } from '../base/emoji.js'

/** The DOM of a message. `compact`: it goes on where the same person's last one ended. `replies`: what is known of its thread. */
export function messageNode(message, { compact, inThread, replies, dismiss }) {
  const kinds = ['message', compact && 'compact', message.ephemeral && 'ephemeral', message.streaming && 'streaming']
  const name = nameOf(message.user)
  return h(
    'article',
    {
      class: kinds.filter(Boolean).join(' '),
      'data-key': message.ts,
      'aria-label': `${name}${message.ephemeral ? ', only visible to you' : ''}`,
    },
    h('div', { class: 'gutter' }, compact ? time(message.ts) : avatar(message.user)),
    h(
      'div',
      { class: 'content' },
      message.ephemeral && h('div', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
      !compact && head(message, name),
      h('div', { class: 'message-body' }, body(message), files(message)),
      foot(message),
      !inThread && threadLine(message, replies),
    ),
    tools(message, inThread, dismiss),
  )
}

function head(message, name) {
  return h(
    'div',
    { class: 'head' },
    h('strong', { class: 'name' }, name),
    message.by_app && h('span', { class: 'badge' }, 'App'),
    time(message.ts),
  )
}

function body(message) {
  const surface = {
    id: `message-${message.ts}`,
    names: nameOf,
    all,
    press: (action, from) =>
      pressIn({ type: 'message', channel: message.channel, ts: message.ts }, () =>
        valuesOf(from?.closest('.message') ?? document.createElement('div')),
      )(action),
  }
  const draw = (list) => blocks(list, surface)
  const parts = message.parts ? streamed(message.parts, message.display, nameOf, draw) : null
  if (parts) return [parts, message.blocks && h('div', { class: 'blocks' }, draw(message.blocks))]
  if (message.blocks?.length) return h('div', { class: 'blocks' }, draw(message.blocks))
  return h('div', { class: 'prose' }, mrkdwn(message.text, nameOf))
}

function files(message) {
  if (!message.files?.length) return null
  return h('ul', { class: 'files' }, message.files.map(file))
}

function file({ title, name, size, picture, text, alt_txt }) {
  return h(
    'li',
    { class: 'file' },
    h('span', { class: 'quiet-note' }, `${title === name ? name : `${title} (${name})`}, ${Math.max(1, Math.round(size / 1024))} kB`),
    picture && h('img', { src: picture, alt: alt_txt || title }),
    text && h('details', {}, h('summary', {}, 'Read it here'), h('pre', { tabindex: '0' }, text)),
  )
}

function foot(message) {
  const remarks = [
    message.edited && h('span', { class: 'quiet-note' }, '(edited)'),
    message.stopped && h('span', { class: 'quiet-note' }, icon('stop'), 'Stopped by a person'),
    message.broken && h('span', { class: 'quiet-note warning' }, icon('warning'), 'This stream ended unexpectedly'),
    message.streaming &&
      message.stoppable &&
      h('button', { type: 'button', class: 'button small', on: { click: () => stop(message) } }, icon('stop'), 'Stop'),
    ...(message.reactions ?? []).map(reaction),
  ].filter(Boolean)
  return remarks.length > 0 && h('div', { class: 'message-foot' }, remarks)
}

function reaction({ name, users }) {
  return h(
    'span',
    { class: 'reaction', title: users.map(nameOf).join(', ') },
    withEmoji(`:${name}:`),
    ` ${users.length}`,
  )
}

function threadLine(message, replies) {
  if (!message.reply_count) return null
  const last =
    message.replied_at &&
    h(
      'span',
      { class: 'quiet-note' },
      `Last reply ${dayOf(message.replied_at).toLowerCase()} at `,
      time(message.replied_at),
    )
  return h(
    'button',
    { type: 'button', class: 'thread-line', on: { click: () => go({ thread: message.ts }) } },
    replies?.people.slice(0, 3).map((id) => avatar(id, 'small')),
    h(
      'span',
      { class: replies?.fresh ? 'replies new' : 'replies' },
      counted(message.reply_count, 'reply', 'replies'),
      replies?.fresh > 0 && `, ${replies.fresh} new`,
    ),
    last,
  )
}

function tools(message, inThread, dismiss) {
  const shortcuts = state.app.shortcuts.filter((one) => one.type === 'message' && !message.ephemeral)
  const buttons = [
    !inThread && !message.ephemeral && tool('thread', 'Reply in thread', () => go({ thread: message.ts })),
    shortcuts.length > 0 &&
      tool('more', 'More actions', (event) =>
        openMenu(
          event.currentTarget,
          shortcuts.map((one) => ({
            text: one.name,
            note: one.description,
            choose: () => shortcut(one.callback_id, message),
          })),
        ),
      ),
    message.ephemeral && tool('close', 'Dismiss this message', () => dismiss(message)),
  ].filter(Boolean)
  return buttons.length > 0 && h('div', { class: 'tools' }, buttons)
}

function tool(name, label, click) {
  return h('button', { type: 'button', class: 'tool', 'aria-label': label, title: label, on: { click } }, icon(name))
}
